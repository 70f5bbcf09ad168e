# A commit goes to all nodes, and a node is lost at each step of it. The commit ends by a recovery: if any node has stored it, it
# survives, else it is gone and the client sends it again. The sequence number counts it once.
cluster 3 RerecoveryTimeout=1
client a n0
client b n1
a: attach p.tdb persistent
      0.00 a: done
b: attach p.tdb persistent
      0.00 b: done
a: transaction p.tdb k=1
      0.00 a: committed
expect seqnum p.tdb 1
show controls UPDATE_RECORD
show trace /TRANS3_COMMIT|status -?\d+ .*trans3/
show log /commit/

# n2 is lost before the update comes to it.
a: transaction p.tdb k=2 &
until line /n0>n2 packet REQ_CONTROL .* UPDATE_RECORD/
      0.00 n0 a>ctdbd REQ_CONTROL 0>0xf0000001 TRANS3_COMMIT 121 bytes
      0.00 n0>n1 REQ_CONTROL UPDATE_RECORD 121 bytes
      0.00 n0>n2 REQ_CONTROL UPDATE_RECORD 121 bytes
kill n2
until idle a
      0.00 n0 ctdbd The commit to p.tdb waits for the end of a recovery
      0.00 n0 ctdbd Forcing a recovery: commit to p.tdb: node 2 failed with status -1, node is disconnected
      0.00 n1>n0 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
      0.04 ctdbd>n0 a REPLY_CONTROL 0>0 status 2 0 bytes "trans3 commit ended by recovery"
      0.05 a: transaction p.tdb k=2 &: committed
      0.05 so it is
until healthy
      0.00 so it is
expect value p.tdb k 2
expect seqnum p.tdb 2
start n2
until healthy
      0.94 so it is
run 1s
expect seqnum p.tdb 2

# n2 is lost when it has stored it and its answer is on its way.
a: transaction p.tdb k=3 &
until line /n2>n0 packet REPLY_CONTROL .* status 0 0 bytes/
      0.00 n0 a>ctdbd REQ_CONTROL 0>0xf0000001 TRANS3_COMMIT 121 bytes
      0.00 n0>n1 REQ_CONTROL UPDATE_RECORD 121 bytes
      0.00 n0>n2 REQ_CONTROL UPDATE_RECORD 121 bytes
      0.00 n1>n0 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
      0.00 n2>n0 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
crash n2 loud
until idle a
      0.00 n0 ctdbd The commit to p.tdb waits for the end of a recovery
      0.00 n0 ctdbd Forcing a recovery: commit to p.tdb: node 2 failed with status -1, node is disconnected
      0.04 ctdbd>n0 a REPLY_CONTROL 0>0 status 2 0 bytes "trans3 commit ended by recovery"
      0.05 a: transaction p.tdb k=3 &: committed
      0.05 so it is
until healthy
      0.00 so it is
expect value p.tdb k 3
expect seqnum p.tdb 3
restart n2
until healthy
      1.94 so it is
run 1s

# Nothing gets to n2 any more, and nobody knows: the commit waits until n2 is dead.
block n0 n2
a: transaction p.tdb k=4 &
run 10s
      0.00 n0 a>ctdbd REQ_CONTROL 0>0xf0000001 TRANS3_COMMIT 121 bytes
      0.00 n0>n1 REQ_CONTROL UPDATE_RECORD 121 bytes
      0.00 n0>n2 REQ_CONTROL UPDATE_RECORD 121 bytes
      0.00 n1>n0 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
      5.00 n0 ctdbd The commit to p.tdb waits for the end of a recovery
expect waiting a
crash n2
unblock n0 n2
until idle a within 120s
     25.00 ctdbd>n0 a REPLY_CONTROL 0>0 status 2 0 bytes "trans3 commit ended by recovery"
     25.01 a: transaction p.tdb k=4 &: committed
     25.01 so it is
until healthy
      0.00 so it is
expect value p.tdb k 4
expect seqnum p.tdb 4
restart n2
until healthy
      1.00 so it is
run 1s

# The client dies when its commit is under way: all or nothing, the same on all nodes.
a: transaction p.tdb k=5 &
until line /n0>n2 packet REQ_CONTROL .* UPDATE_RECORD/
      0.00 n0 a>ctdbd REQ_CONTROL 0>0xf0000001 TRANS3_COMMIT 121 bytes
      0.00 n0>n1 REQ_CONTROL UPDATE_RECORD 121 bytes
      0.00 n0>n2 REQ_CONTROL UPDATE_RECORD 121 bytes
a: kill
      0.00 a: transaction p.tdb k=5 &: is gone
      0.00 a: is killed
until line /END_RECOVERY/
      0.00 n0 ctdbd Forcing a recovery: client 2147483518 went away during its commit to p.tdb
      0.00 n1>n0 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
      0.00 n2>n0 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
until healthy
      0.00 so it is
expect value p.tdb k 5
expect seqnum p.tdb 5
run 1s
