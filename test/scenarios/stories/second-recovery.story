# A node dies while a recovery runs, in each phase of it: a second recovery begins, without that node, and nothing is lost that another
# node has.
cluster 4 VacuumInterval=600 RerecoveryTimeout=1
client a n0
client b n1
client c n2
a: attach x.tdb
         0.3 a: done
b: attach x.tdb
         0.3 b: done
c: attach x.tdb
         0.3 c: done
c: attach p.tdb persistent
         0.3 c: done
b: put x.tdb a one
         0.3 b: done
c: put x.tdb b two
         0.3 c: done
c: transaction p.tdb k=v
         2.6 c: committed
recover n0
         0.1 ctdb: done
until line /END_RECOVERY/
run 1s
show log /ctdb-clusterd Recovery (?:failed|complete)|anned/

recover n0 &
until line /packet REQ_CONTROL .* SET_RECMODE /
         0.1 recover n0 &: done
kill n3
until healthy
         0.1 n0 ctdb-clusterd Recovery failed: node 3 left during recovery
        45.0 n0 ctdb-clusterd Recovery complete
        45.0 so it is
expect value x.tdb a one
expect value x.tdb b two
expect seqnum p.tdb 1
start n3
until healthy
        54.0 n0 ctdb-clusterd Recovery complete
       989.5 so it is

recover n0 &
until line /packet REQ_CONTROL .* SETVNNMAP /
         0.1 recover n0 &: done
kill n3
until healthy
         0.1 n0 ctdb-clusterd Recovery failed: node 3 left during recovery
        85.4 n0 ctdb-clusterd Recovery complete
        85.4 so it is
expect value x.tdb a one
expect value x.tdb b two
expect seqnum p.tdb 1
start n3
until healthy
        68.4 n0 ctdb-clusterd Recovery complete
       842.4 so it is

recover n0 &
until line /packet REQ_CONTROL .* DB_FREEZE /
         0.1 recover n0 &: done
kill n3
until healthy
         0.1 n0 ctdb-clusterd Recovery failed: node 3 left during recovery
        81.5 n0 ctdb-clusterd Recovery complete
        81.5 so it is
expect value x.tdb a one
expect value x.tdb b two
expect seqnum p.tdb 1
start n3
until healthy
        63.9 n0 ctdb-clusterd Recovery complete
       683.8 so it is

recover n0 &
until line /packet REQ_CONTROL .* DB_PULL /
         0.1 recover n0 &: done
kill n3
until healthy
         0.2 n0 ctdb-clusterd Recovery failed: node 3 left during recovery
        80.7 n0 ctdb-clusterd Recovery complete
        80.7 so it is
expect value x.tdb a one
expect value x.tdb b two
expect seqnum p.tdb 1
start n3
until healthy
        47.2 n0 ctdb-clusterd Recovery complete
       530.1 so it is

recover n0 &
until line /packet REQ_CONTROL .* DB_PUSH_START /
         0.1 recover n0 &: done
kill n3
until healthy
         0.1 n0 ctdb-clusterd Recovery failed: node 3 left during recovery
        54.4 n0 ctdb-clusterd Recovery complete
        54.4 so it is
expect value x.tdb a one
expect value x.tdb b two
expect seqnum p.tdb 1
start n3
until healthy
        71.6 n0 ctdb-clusterd Recovery complete
       418.8 so it is

recover n0 &
until line /packet REQ_CONTROL .* DB_TRANSACTION_COMMIT /
         0.1 recover n0 &: done
kill n3
until healthy
         0.1 n0 ctdb-clusterd Recovery failed: node 3 left during recovery
        68.6 n0 ctdb-clusterd Recovery complete
        68.6 so it is
expect value x.tdb a one
expect value x.tdb b two
expect seqnum p.tdb 1
start n3
until healthy
        42.8 n0 ctdb-clusterd Recovery complete
       268.1 so it is

recover n0 &
until line /packet REQ_CONTROL .* END_RECOVERY /
         0.1 recover n0 &: done
kill n3
until healthy
         0.1 n0 ctdb-clusterd Recovery failed: node 3 left during recovery
        63.1 n0 ctdb-clusterd Recovery complete
        63.1 so it is
expect value x.tdb a one
expect value x.tdb b two
expect seqnum p.tdb 1
start n3
until healthy
        71.1 n0 ctdb-clusterd Recovery complete
       105.0 so it is

# The administrator asks for another one in the middle.
recover n0 &
until line /packet REQ_CONTROL .* DB_PULL /
         0.1 recover n0 &: done
recover n1
         0.1 ctdb: done
until healthy
        59.4 n0 ctdb-clusterd Recovery complete
        59.4 so it is
run 3s
expect value x.tdb a one
expect value x.tdb b two
expect lines /SET_BAN_STATE/ 0
