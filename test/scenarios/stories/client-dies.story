# A client dies at each step of getting a record: the record is where the protocol put it, and the others get it.
cluster 3 VacuumInterval=600
client b n1
b: attach x.tdb
      0.00 b: done
b: put x.tdb b one
      0.00 b: done
show calls x.tdb b
show record x.tdb b
      0.00 x.tdb b (lmaster n2): n1 3/1 "one" | n2 1/1 empty

# Its call is on the way. The node becomes owner all the same: the lmaster points there.
client a1 n0
a1: attach x.tdb
      0.00 a1: done
a1: lock x.tdb b &
until line /n0>n2 packet REQ_CALL/
      0.00 n0>n2 REQ_CALL gen g1 x.tdb b call NULL flags 0x1 hops 0
a1: kill
      0.00 a1: lock x.tdb b &: is gone
      0.00 a1: is killed
run 100ms
      0.00 n2>n1 REQ_CALL (0>1) gen g1 x.tdb b call NULL flags 0x1 hops 1
      0.00 n1>n2 REQ_DMASTER gen g1 x.tdb b rsn 3 to 0 flags 0x10000 3 bytes
      0.00 n2>n0 REPLY_DMASTER gen g1 x.tdb b rsn 3 flags 0x10000 3 bytes
      0.10 x.tdb b (lmaster n2): n0 5/0 MIGRATED "one" | n1 3/0 MIGRATED "one" | n2 3/0 MIGRATED "one"
expect owner x.tdb b n0
b: put x.tdb b two
      0.00 n1>n2 REQ_CALL gen g1 x.tdb b call NULL flags 0x1 hops 0
      0.00 n2>n0 REQ_CALL (1>0) gen g1 x.tdb b call NULL flags 0x1 hops 1
      0.00 n0>n2 REQ_DMASTER gen g1 x.tdb b rsn 5 to 1 flags 0x10000 3 bytes
      0.00 n2>n1 REPLY_DMASTER gen g1 x.tdb b rsn 5 flags 0x10000 3 bytes
      0.00 b: done
      0.00 x.tdb b (lmaster n2): n0 5/1 MIGRATED "one" | n1 7/1 MIGRATED "two" | n2 5/1 MIGRATED "one"

# It holds the lock when it dies, and somebody waits: the lock is free.
client a2 n0
a2: attach x.tdb
      0.00 a2: done
a2: lock x.tdb b
      0.00 n0>n2 REQ_CALL gen g1 x.tdb b call NULL flags 0x1 hops 0
      0.00 n2>n1 REQ_CALL (0>1) gen g1 x.tdb b call NULL flags 0x1 hops 1
      0.00 n1>n2 REQ_DMASTER gen g1 x.tdb b rsn 7 to 0 flags 0x10000 3 bytes
      0.00 n2>n0 REPLY_DMASTER gen g1 x.tdb b rsn 7 flags 0x10000 3 bytes
      0.00 a2: has it, rsn 9, "two"
      0.00 x.tdb b (lmaster n2): n0 9/0 MIGRATED "two" | n1 7/0 MIGRATED "two" | n2 7/0 MIGRATED "two"
b: put x.tdb b three &
run 1s
      0.00 n1>n2 REQ_CALL gen g1 x.tdb b call NULL flags 0x1 hops 0
      0.00 n2>n0 REQ_CALL (1>0) gen g1 x.tdb b call NULL flags 0x1 hops 1
expect waiting b
a2: kill
      0.00 a2: is killed
until idle b
      0.00 n0>n2 REQ_DMASTER gen g1 x.tdb b rsn 9 to 1 flags 0x10000 3 bytes
      0.00 n2>n1 REPLY_DMASTER gen g1 x.tdb b rsn 9 flags 0x10000 3 bytes
      0.00 b: put x.tdb b three &: done
      0.00 so it is
      0.00 x.tdb b (lmaster n2): n0 9/1 MIGRATED "two" | n1 11/1 MIGRATED "three" | n2 9/1 MIGRATED "two"
expect value x.tdb b three

# It stands still with the lock: nobody gets it, until it is killed.
client a3 n0
a3: attach x.tdb
      0.00 a3: done
a3: lock x.tdb b
      0.00 n0>n2 REQ_CALL gen g1 x.tdb b call NULL flags 0x1 hops 0
      0.00 n2>n1 REQ_CALL (0>1) gen g1 x.tdb b call NULL flags 0x1 hops 1
      0.00 n1>n2 REQ_DMASTER gen g1 x.tdb b rsn 11 to 0 flags 0x10000 5 bytes
      0.00 n2>n0 REPLY_DMASTER gen g1 x.tdb b rsn 11 flags 0x10000 5 bytes
      0.00 a3: has it, rsn 13, "three"
      0.00 x.tdb b (lmaster n2): n0 13/0 MIGRATED "three" | n1 11/0 MIGRATED "three" | n2 11/0 MIGRATED "three"
a3: pause 5s
      0.00 a3: stands still
b: put x.tdb b four &
run 4s
      0.00 n1>n2 REQ_CALL gen g1 x.tdb b call NULL flags 0x1 hops 0
      0.00 n2>n0 REQ_CALL (1>0) gen g1 x.tdb b call NULL flags 0x1 hops 1
expect waiting b
a3: kill
      0.00 a3: is killed
until idle b
      0.00 n0>n2 REQ_DMASTER gen g1 x.tdb b rsn 13 to 1 flags 0x10000 5 bytes
      0.00 n2>n1 REPLY_DMASTER gen g1 x.tdb b rsn 13 flags 0x10000 5 bytes
      0.00 b: put x.tdb b four &: done
      0.00 so it is
      0.00 x.tdb b (lmaster n2): n0 13/1 MIGRATED "three" | n1 15/1 MIGRATED "four" | n2 13/1 MIGRATED "three"

# It waits for the lock of another one.
client a4 n1
a4: attach x.tdb
      0.00 a4: done
b: lock x.tdb b
      0.00 b: has it, rsn 15, "four"
a4: lock x.tdb b &
run 100ms
a4: kill
      0.00 a4: lock x.tdb b &: is gone
      0.00 a4: is killed
b: unlock x.tdb b
      0.00 b: done
client c n2
c: attach x.tdb
      0.00 c: done
c: put x.tdb b five
      0.00 n2>n1 REQ_CALL gen g1 x.tdb b call NULL flags 0x1 hops 0
      0.00 n1>n2 REQ_DMASTER gen g1 x.tdb b rsn 15 to 2 flags 0x10000 4 bytes
      0.00 c: done
      0.00 x.tdb b (lmaster n2): n0 13/1 MIGRATED "three" | n1 15/2 MIGRATED "four" | n2 17/2 MIGRATED "five"
expect value x.tdb b five
