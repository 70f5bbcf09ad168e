# The node of the client that commits is lost at each step. What another node has stored survives; what only the lost node has comes
# back with it, if nobody has committed since.
cluster 3 RerecoveryTimeout=1
client b n1
b: attach p.tdb persistent
      0.00 b: done
b: transaction p.tdb k=1
      0.00 b: committed
show controls UPDATE_RECORD

# Nobody has stored it: it is as if it had never been.
client a1 n0
a1: attach p.tdb persistent
      0.00 a1: done
a1: transaction p.tdb k=1
      0.00 a1: committed
a1: transaction p.tdb j=0
      0.00 n0>n1 REQ_CONTROL UPDATE_RECORD 121 bytes
      0.00 n0>n2 REQ_CONTROL UPDATE_RECORD 121 bytes
      0.00 n1>n0 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
      0.00 n2>n0 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
      0.00 a1: committed
block n0 n1
block n0 n2
a1: transaction p.tdb k=2 &
until line /n0>n1 packet REQ_CONTROL .* UPDATE_RECORD/
      0.00 n0>n1 REQ_CONTROL UPDATE_RECORD 121 bytes
      0.00 n0>n2 REQ_CONTROL UPDATE_RECORD 121 bytes
crash n0
unblock n0 n1
unblock n0 n2
      0.00 a1: transaction p.tdb k=2 &: is gone
until healthy
     27.61 so it is
record p.tdb k
      0.00 p.tdb k: n1 1/1 "1" | n2 1/1 "1"
expect value p.tdb k 1
expect seqnum p.tdb 2
restart n0
until healthy
      0.96 so it is
run 1s
record p.tdb k
      0.00 p.tdb k: n0 1/1 "1" | n1 1/1 "1" | n2 1/1 "1"
expect value p.tdb k 1

# One node has stored it: n1 did not hear of it.
client a2 n0
a2: attach p.tdb persistent
      0.00 a2: done
a2: transaction p.tdb k=2
      0.00 n0>n1 REQ_CONTROL UPDATE_RECORD 121 bytes
      0.00 n0>n2 REQ_CONTROL UPDATE_RECORD 121 bytes
      0.00 n1>n0 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
      0.00 n2>n0 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
      0.00 a2: committed
block n0 n1
a2: transaction p.tdb k=3 &
run 10ms
      0.00 n0>n1 REQ_CONTROL UPDATE_RECORD 121 bytes
      0.00 n0>n2 REQ_CONTROL UPDATE_RECORD 121 bytes
      0.00 n2>n0 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
record p.tdb k
      0.00 p.tdb k: n0 3/0 "3" | n1 2/0 "2" | n2 3/0 "3"
crash n0
unblock n0 n1
until healthy
      0.00 a2: transaction p.tdb k=3 &: is gone
     27.98 so it is
record p.tdb k
      0.00 p.tdb k: n1 3/0 "3" | n2 3/0 "3"
expect value p.tdb k 3
b: transaction p.tdb j=1
      0.00 n1>n2 REQ_CONTROL UPDATE_RECORD 121 bytes
      0.00 n2>n1 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
      0.00 b: committed
restart n0
until healthy
      1.00 so it is
run 1s
record p.tdb k
      0.00 p.tdb k: n0 3/0 "3" | n1 3/0 "3" | n2 3/0 "3"
expect value p.tdb k 3
expect value p.tdb j 1
expect seqnum p.tdb 5

# Only the lost node has stored it. The others have committed something else under the same sequence
# number when it returns, and that was acknowledged: it counts.
client a3 n0
a3: attach p.tdb persistent
      0.00 a3: done
a3: transaction p.tdb j=2
      0.00 n0>n1 REQ_CONTROL UPDATE_RECORD 121 bytes
      0.00 n0>n2 REQ_CONTROL UPDATE_RECORD 121 bytes
      0.00 n1>n0 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
      0.00 n2>n0 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
      0.00 a3: committed
block n0 n1
block n0 n2
a3: transaction p.tdb k=4 &
run 10ms
      0.00 n0>n1 REQ_CONTROL UPDATE_RECORD 121 bytes
      0.00 n0>n2 REQ_CONTROL UPDATE_RECORD 121 bytes
record p.tdb k
      0.00 p.tdb k: n0 4/0 "4" | n1 3/0 "3" | n2 3/0 "3"
crash n0
unblock n0 n1
unblock n0 n2
      0.00 a3: transaction p.tdb k=4 &: is gone
until healthy
     27.98 so it is
expect value p.tdb k 3
b: transaction p.tdb k=5
      0.00 n1>n2 REQ_CONTROL UPDATE_RECORD 121 bytes
      0.00 n2>n1 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
      0.00 b: committed
restart n0
until healthy
      1.00 so it is
run 1s
record p.tdb k
      0.00 p.tdb k: n0 4/1 "5" | n1 4/1 "5" | n2 4/1 "5"
expect value p.tdb k 5
