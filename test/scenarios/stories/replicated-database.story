# A replicated database is in memory, with all records on each node: a node that starts has nothing, and gets all by the recovery. When
# all nodes have stopped, it is gone.
cluster 3
client a n0
client c n2
a: attach r.tdb replicated
      0.00 a: done
c: attach r.tdb replicated
      0.00 c: done
a: transaction r.tdb k=1 j=1
      0.00 a: committed
show record r.tdb k
      0.00 r.tdb k: n0 1/0 "1" | n1 1/0 "1" | n2 1/0 "1"
kill n2
      0.00 r.tdb k: n0 1/0 "1" | n1 1/0 "1"
until recovered
      0.04 so it is
      0.04 r.tdb k: n0 1/0 MIGRATED "1" | n1 1/0 MIGRATED "1"
a: transaction r.tdb k=2
      0.00 a: committed
      0.00 r.tdb k: n0 2/0 MIGRATED "2" | n1 2/0 MIGRATED "2"
start n2
      0.00 r.tdb k: n0 2/0 MIGRATED "2" | n1 2/0 MIGRATED "2" | n2 1/0 "1"
until healthy
      0.94 so it is
      0.94 r.tdb k: n0 2/0 MIGRATED "2" | n1 2/0 MIGRATED "2" | n2 2/0 MIGRATED "2"
expect value r.tdb k 2
expect value r.tdb j 1
expect seqnum r.tdb 2
# What a transaction deletes does not come back with a recovery.
a: transaction r.tdb j=
      0.00 a: committed
recover n0
      0.00 ctdb: done
until line /END_RECOVERY/
until healthy
      0.00 so it is
expect value r.tdb j none
expect seqnum r.tdb 3
kill n0 n1 n2
      0.00 r.tdb k (lmaster n?): nowhere
run 1s
start n0 n1 n2
      0.00 r.tdb k (lmaster n1): n0 2/0 MIGRATED "2" | n1 2/0 MIGRATED "2" | n2 2/0 MIGRATED "2"
until healthy
      0.36 so it is
client b n1
b: attach r.tdb replicated
      0.00 b: done
      0.00 r.tdb k: nowhere
b: read r.tdb k
      0.00 b: none
expect said /none/
# The others begin anew while a node is stopped that still has all. Of the two databases that come together then, the one with the
# higher sequence number is taken, as in CTDB, though the other one is newer.
cluster 3
      5.03 r.tdb k (lmaster n1): nowhere
client a n0
a: attach r.tdb replicated
      0.00 a: done
      0.00 r.tdb k: nowhere
a: transaction r.tdb k=old1
      0.00 a: committed
      0.00 r.tdb k: n0 1/0 "old1" | n1 1/0 "old1" | n2 1/0 "old1"
a: transaction r.tdb k=old2
      0.00 a: committed
      0.00 r.tdb k: n0 2/0 "old2" | n1 2/0 "old2" | n2 2/0 "old2"
stop n1
      0.00 ctdb: done
      0.00 r.tdb k: n0 2/0 "old2" | n1 (inactive) 2/0 "old2" | n2 2/0 "old2"
until recovered
      0.64 so it is
      0.64 r.tdb k: n0 2/0 MIGRATED "old2" | n1 (inactive) 2/0 "old2" | n2 2/0 MIGRATED "old2"
kill n0 n2
      0.00 r.tdb k: n1 (inactive) 2/0 "old2"
start n0 n2
      0.00 r.tdb k: n0 2/0 MIGRATED "old2" | n1 (inactive) 2/0 "old2" | n2 2/0 MIGRATED "old2"
run 1s
until recovered
      0.00 so it is
client b n0
b: attach r.tdb replicated
      0.00 b: done
      0.00 r.tdb k: n1 (inactive) 2/0 "old2"
b: transaction r.tdb k=new
      0.00 b: committed
      0.00 r.tdb k: n0 1/0 "new" | n1 (inactive) 2/0 "old2" | n2 1/0 "new"
continue n1
      0.00 ctdb: done
      0.00 r.tdb k: n0 1/0 "new" | n1 2/0 "old2" | n2 1/0 "new"
until healthy
      0.41 so it is
      0.41 r.tdb k: n0 2/0 MIGRATED "old2" | n1 2/0 MIGRATED "old2" | n2 2/0 MIGRATED "old2"
expect value r.tdb k old2
expect seqnum r.tdb 2
