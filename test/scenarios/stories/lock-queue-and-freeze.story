# Lock scheduling: 200 requests wait in n0's daemon for a chain that a process holds, when a recovery comes. The freeze is not the
# 201st in the queue: it is served before all of them. They come after the recovery, and none is lost.
cluster 3 VacuumInterval=600 FetchCollapse=0
client a n0
client b n1 100
client c n2 100
client smbd n0
a: attach x.tdb
      0.00 a: done
b: attach x.tdb
      0.00 b: 100 times done
c: attach x.tdb
      0.00 c: 100 times done
# n0 is lmaster of the record and owns it.
a: put x.tdb g 0
      0.00 a: done
smbd: hold x.tdb g
      0.00 smbd: holds the chain
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
      0.00 x.tdb g (lmaster n0): n0 2/0 "0"
recover n0
      0.00 n0 RUNNING, recovery ACTIVE, generation g1 map 0,1,2
      0.00 ctdb: done
until line /packet REQ_CONTROL .* DB_FREEZE/
      5.58 n1 RUNNING, recovery ACTIVE, generation g1 map 0,1,2
      5.58 n2 RUNNING, recovery ACTIVE, generation g1 map 0,1,2
      5.58 n0 RUNNING, recovery ACTIVE, generation g2 map 0,1,2
      5.58 n1 RUNNING, recovery ACTIVE, generation g2 map 0,1,2
      5.58 n2 RUNNING, recovery ACTIVE, generation g2 map 0,1,2
      5.58 n0 ctdbd Freeze db: x.tdb
      5.58 n0>n1 REQ_CONTROL DB_FREEZE 4 bytes
      5.58 n0>n2 REQ_CONTROL DB_FREEZE 4 bytes
run 1500ms
      0.00 n1 ctdbd Freeze db: x.tdb
      0.00 n2 ctdbd Freeze db: x.tdb
      0.00 n1>n0 REPLY_CONTROL status 0 0 bytes to DB_FREEZE
      0.00 n2>n0 REPLY_CONTROL status 0 0 bytes to DB_FREEZE
      1.41 n0 ctdbd Freeze of database x.tdb waits for pid ... (ctdb-lockd hold 1001): mutex of all records
      1.41 n0 ctdbd Freeze of database x.tdb waits for pid ... (smbd): mutex of chain 5587, keys there: 67
expect in-recovery n1
smbd: let-go x.tdb g
      0.00 smbd: done
until line /DB_TRANSACTION_COMMIT/
expect value x.tdb g 0
until recovered
      0.00 n0>n1 REQ_CONTROL DB_THAW 4 bytes
      0.00 n0>n2 REQ_CONTROL DB_THAW 4 bytes
      0.00 n1 ctdbd Resent calls for database=x.tdb, generation=g2, count=100
      0.00 n1>n0 REPLY_CONTROL status 0 0 bytes to DB_THAW
      0.00 n2 ctdbd Resent calls for database=x.tdb, generation=g2, count=100
      0.00 n2>n0 REPLY_CONTROL status 0 0 bytes to DB_THAW
      0.00 c: count x.tdb g &: 100 times done
      0.00 b: count x.tdb g &: 100 times done
      0.03 n0 RUNNING, recovery NORMAL, generation g2 map 0,1,2
      0.03 n1 RUNNING, recovery NORMAL, generation g2 map 0,1,2
      0.03 n2 RUNNING, recovery NORMAL, generation g2 map 0,1,2
      0.03 so it is
      0.03 x.tdb g (lmaster n0): n0 205/1 MIGRATED "156" | n1 250/1 MIGRATED "200" | n2 205/1 MIGRATED "156"
hide
until idle b
      0.00 so it is
until idle c
      0.00 so it is
expect value x.tdb g 200
expect lines /SET_BAN_STATE/ 0
