# Lock scheduling: 200 requests wait in n0's daemon for a chain that a process holds, when a recovery comes. The freeze is not the
# 201st in the queue: it is served before all of them. They come after the recovery, and none is lost.
cluster 3 VacuumInterval=600 FetchCollapse=0
client a n0
client b n1 100
client c n2 100
client smbd n0
a: attach x.tdb
b: attach x.tdb
c: attach x.tdb
# n0 is lmaster of the record and owns it.
a: put x.tdb g 0
smbd: hold x.tdb g
b: count x.tdb g &
c: count x.tdb g &
run 2s
expect lines /n1>n0 packet REQ_CALL/ 100
expect lines /n2>n0 packet REQ_CALL/ 100
expect value x.tdb g 0

show states
show controls DB_FREEZE DB_THAW SET_BAN_STATE
show log /Resent calls|previous generation|Freeze|waited/
show record x.tdb g
recover n0
until line /packet REQ_CONTROL .* DB_FREEZE/
run 1500ms
expect in-recovery n1
smbd: let-go x.tdb g
until line /DB_TRANSACTION_COMMIT/
expect value x.tdb g 0
until recovered
hide
until idle b
until idle c
expect value x.tdb g 200
expect lines /SET_BAN_STATE/ 0
