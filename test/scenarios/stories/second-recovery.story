# A node dies while a recovery runs, in each phase of it: a second recovery begins, without that node, and nothing is lost that another
# node has.
cluster 4 VacuumInterval=600 RerecoveryTimeout=1
client a n0
client b n1
client c n2
a: attach x.tdb
      0.00 a: done
b: attach x.tdb
      0.00 b: done
c: attach x.tdb
      0.00 c: done
c: attach p.tdb persistent
      0.00 c: done
b: put x.tdb a one
      0.00 b: done
c: put x.tdb b two
      0.00 c: done
c: transaction p.tdb k=v
      0.00 c: committed
recover n0
      0.00 ctdb: done
until line /END_RECOVERY/
run 1s
show log /ctdb-clusterd Recovery (?:failed|complete)|anned/

recover n0 &
until line /packet REQ_CONTROL .* SET_RECMODE /
      0.00 recover n0 &: done
kill n3
until healthy
      0.00 n0 ctdb-clusterd Recovery failed: node 3 left during recovery
      0.06 n0 ctdb-clusterd Recovery complete
      0.06 so it is
expect value x.tdb a one
expect value x.tdb b two
expect seqnum p.tdb 1
start n3
until healthy
      0.04 n0 ctdb-clusterd Recovery complete
      0.87 so it is

recover n0 &
until line /packet REQ_CONTROL .* SETVNNMAP /
      0.00 recover n0 &: done
kill n3
until healthy
      0.00 n0 ctdb-clusterd Recovery failed: node 3 left during recovery
      0.06 n0 ctdb-clusterd Recovery complete
      0.06 so it is
expect value x.tdb a one
expect value x.tdb b two
expect seqnum p.tdb 1
start n3
until healthy
      0.04 n0 ctdb-clusterd Recovery complete
      0.76 so it is

recover n0 &
until line /packet REQ_CONTROL .* DB_FREEZE /
      0.00 recover n0 &: done
kill n3
until healthy
      0.00 n0 ctdb-clusterd Recovery failed: node 3 left during recovery
      0.05 n0 ctdb-clusterd Recovery complete
      0.05 so it is
expect value x.tdb a one
expect value x.tdb b two
expect seqnum p.tdb 1
start n3
until healthy
      0.04 n0 ctdb-clusterd Recovery complete
      0.64 so it is

recover n0 &
until line /packet REQ_CONTROL .* DB_PULL /
      0.00 recover n0 &: done
kill n3
until healthy
      0.00 n0 ctdb-clusterd Recovery failed: node 3 left during recovery
      0.05 n0 ctdb-clusterd Recovery complete
      0.05 so it is
expect value x.tdb a one
expect value x.tdb b two
expect seqnum p.tdb 1
start n3
until healthy
      0.04 n0 ctdb-clusterd Recovery complete
      0.52 so it is

recover n0 &
until line /packet REQ_CONTROL .* DB_PUSH_START /
      0.00 recover n0 &: done
kill n3
until healthy
      0.00 n0 ctdb-clusterd Recovery failed: node 3 left during recovery
      0.05 n0 ctdb-clusterd Recovery complete
      0.05 so it is
expect value x.tdb a one
expect value x.tdb b two
expect seqnum p.tdb 1
start n3
until healthy
      0.04 n0 ctdb-clusterd Recovery complete
      0.40 so it is

recover n0 &
until line /packet REQ_CONTROL .* DB_TRANSACTION_COMMIT /
      0.00 recover n0 &: done
kill n3
until healthy
      0.00 n0 ctdb-clusterd Recovery failed: node 3 left during recovery
      0.05 n0 ctdb-clusterd Recovery complete
      0.05 so it is
expect value x.tdb a one
expect value x.tdb b two
expect seqnum p.tdb 1
start n3
until healthy
      0.04 n0 ctdb-clusterd Recovery complete
      0.28 so it is

recover n0 &
until line /packet REQ_CONTROL .* END_RECOVERY /
      0.00 recover n0 &: done
kill n3
until healthy
      0.00 n0 ctdb-clusterd Recovery failed: node 3 left during recovery
      0.04 n0 ctdb-clusterd Recovery complete
      0.04 so it is
expect value x.tdb a one
expect value x.tdb b two
expect seqnum p.tdb 1
start n3
until healthy
      0.04 n0 ctdb-clusterd Recovery complete
      0.14 so it is

# The administrator asks for another one in the middle.
recover n0 &
until line /packet REQ_CONTROL .* DB_PULL /
      0.00 recover n0 &: done
recover n1
      0.00 ctdb: done
until healthy
      0.03 n0 ctdb-clusterd Recovery complete
      0.03 so it is
run 3s
expect value x.tdb a one
expect value x.tdb b two
expect lines /SET_BAN_STATE/ 0
