# Read-only copies: given away by the owner, taken back before a writer gets the record. rsn: the first delegation adds 3, copies have
# the owner's minus 2, a revoke adds 1 for its end and 1 for the flags that go.
cluster 3 VacuumInterval=600
client a n0
client b n1
client c n2
a: attach x.tdb readonly
      0.00 a: done
b: attach x.tdb readonly
      0.00 b: done
c: attach x.tdb readonly
      0.00 c: done
show calls x.tdb g
show controls UPDATE_RECORD
show record x.tdb g
      0.00 x.tdb g (lmaster n0): nowhere

a: put x.tdb g one
      0.00 a: done
      0.00 x.tdb g (lmaster n0): n0 2/0 "one"
b: fetch-read-only x.tdb g
      0.00 n1>n0 REQ_CALL gen g1 x.tdb g call FETCH_WITH_HEADER flags 0x4 hops 0
      0.00 n0>n1 REPLY_CALL status 0 27 bytes
      0.00 b: "one"
      0.00 x.tdb g (lmaster n0): n0 5/0 MIGRATED DELEGATED "one" | n1 3/0 MIGRATED READONLY "one"
c: fetch-read-only x.tdb g
      0.00 n2>n0 REQ_CALL gen g1 x.tdb g call FETCH_WITH_HEADER flags 0x4 hops 0
      0.00 n0>n2 REPLY_CALL status 0 27 bytes
      0.00 c: "one"
      0.00 x.tdb g (lmaster n0): n0 5/0 MIGRATED DELEGATED "one" | n1 3/0 MIGRATED READONLY "one" | n2 3/0 MIGRATED READONLY "one"
# A copy that is valid is read without a word to anybody.
b: read x.tdb g
      0.00 b: "one"
c: put x.tdb g two
      0.00 n2>n0 REQ_CALL gen g1 x.tdb g call NULL flags 0x1 hops 0
      0.00 n0>n1 REQ_CONTROL UPDATE_RECORD 52 bytes
      0.00 n0>n2 REQ_CONTROL UPDATE_RECORD 52 bytes
      0.00 n1>n0 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
      0.00 n2>n0 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
      0.00 n0>n2 REPLY_DMASTER gen g1 x.tdb g rsn 7 flags 0x10000 3 bytes
      0.00 c: done
      0.00 x.tdb g (lmaster n0): n0 7/2 MIGRATED "one" | n1 4/0 MIGRATED "one" | n2 9/2 MIGRATED "two"
b: read x.tdb g
      0.00 n1>n0 REQ_CALL gen g1 x.tdb g call FETCH_WITH_HEADER flags 0x4 hops 0
      0.00 n0>n2 REQ_CALL (1>2) gen g1 x.tdb g call FETCH_WITH_HEADER flags 0x4 hops 1
      0.00 n2>n1 REPLY_CALL status 0 27 bytes
      0.00 b: "two"
      0.00 x.tdb g (lmaster n0): n0 7/2 MIGRATED "one" | n1 10/2 MIGRATED READONLY "two" | n2 12/2 MIGRATED DELEGATED "two"
# A node with a copy dies: the recovery takes all copies back.
crash n1 loud
      0.00 x.tdb g (lmaster n0): n0 7/2 MIGRATED "one" | n2 12/2 MIGRATED DELEGATED "two"
until healthy
      0.04 so it is
      0.04 x.tdb g (lmaster n2): n0 13/0 MIGRATED "two" | n2 12/0 MIGRATED "two"
a: put x.tdb g three
      0.00 a: done
      0.00 x.tdb g (lmaster n2): n0 13/0 MIGRATED "three" | n2 12/0 MIGRATED "two"
c: read x.tdb g
      0.00 n2>n0 REQ_CALL gen g2 x.tdb g call FETCH_WITH_HEADER flags 0x4 hops 0
      0.00 n0>n2 REPLY_CALL status 0 29 bytes
      0.00 c: "three"
      0.00 x.tdb g (lmaster n2): n0 16/0 MIGRATED DELEGATED "three" | n2 14/0 MIGRATED READONLY "three"
hide
restart n1
until healthy
      1.94 so it is
