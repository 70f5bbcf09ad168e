# A recovery comes while read-only copies are taken back: the writer gets the record after it, and no copy is left that looks valid.
cluster 3 VacuumInterval=600 RerecoveryTimeout=1
client a n0
client b n1
client c n2
client d n2
a: attach x.tdb readonly
      0.00 a: done
b: attach x.tdb readonly
      0.00 b: done
c: attach x.tdb readonly
      0.00 c: done
d: attach x.tdb readonly
      0.00 d: done
a: put x.tdb g one
      0.00 a: done
b: fetch-read-only x.tdb g
      0.00 b: "one"
c: fetch-read-only x.tdb g
      0.00 c: "one"
show calls x.tdb g
show controls UPDATE_RECORD
show record x.tdb g
      0.00 x.tdb g (lmaster n0): n0 5/0 MIGRATED DELEGATED "one" | n1 3/0 MIGRATED READONLY "one" | n2 3/0 MIGRATED READONLY "one"

# The answer of n1 is held up when the recovery begins.
pause n1 2s
c: put x.tdb g two &
run 1s
      0.00 n2>n0 REQ_CALL gen g1 x.tdb g call NULL flags 0x1 hops 0
      0.00 n0>n1 REQ_CONTROL UPDATE_RECORD 52 bytes
      0.00 n0>n2 REQ_CONTROL UPDATE_RECORD 52 bytes
      0.00 n2>n0 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
      1.00 x.tdb g (lmaster n0): n0 5/0 MIGRATED DELEGATED REVOKING "one" | n1 3/0 MIGRATED READONLY "one" | n2 4/0 MIGRATED "one"
recover n0
      0.00 ctdb: done
until line /END_RECOVERY/
      0.99 n1>n0 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
      1.00 n0>n2 REPLY_DMASTER gen g1 x.tdb g rsn 7 flags 0x10000 3 bytes
      1.00 c: put x.tdb g two &: done
      1.04 x.tdb g (lmaster n0): n0 10/0 MIGRATED "two" | n1 9/0 MIGRATED "two" | n2 9/0 MIGRATED "two"
until healthy
      0.00 so it is
until idle c
      0.00 so it is
expect value x.tdb g two
b: read x.tdb g
      0.00 n1>n0 REQ_CALL gen g2 x.tdb g call FETCH_WITH_HEADER flags 0x4 hops 0
      0.00 n0>n1 REPLY_CALL status 0 27 bytes
      0.00 b: "two"
      0.00 x.tdb g (lmaster n0): n0 13/0 MIGRATED DELEGATED "two" | n1 11/0 MIGRATED READONLY "two" | n2 9/0 MIGRATED "two"
expect said /"two"/

# A reader that comes while the copies are taken back waits until the record has moved. The owner's own users still read the old
# value: the writer has not got the record yet.
b: fetch-read-only x.tdb g
      0.00 n1>n0 REQ_CALL gen g2 x.tdb g call FETCH_WITH_HEADER flags 0x4 hops 0
      0.00 n0>n1 REPLY_CALL status 0 27 bytes
      0.00 b: "two"
pause n1 2s
d: put x.tdb g three &
run 500ms
      0.00 n2>n0 REQ_CALL gen g2 x.tdb g call NULL flags 0x1 hops 0
      0.00 n0>n1 REQ_CONTROL UPDATE_RECORD 52 bytes
      0.50 x.tdb g (lmaster n0): n0 13/0 MIGRATED DELEGATED REVOKING "two" | n1 11/0 MIGRATED READONLY "two" | n2 9/0 MIGRATED "two"
c: read x.tdb g &
a: read x.tdb g
      0.00 a: "two"
until idle d
      1.50 n1>n0 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
      1.50 n0>n2 REPLY_DMASTER gen g2 x.tdb g rsn 15 flags 0x10000 3 bytes
      1.50 d: put x.tdb g three &: done
      1.50 so it is
      1.50 x.tdb g (lmaster n0): n0 15/2 MIGRATED "two" | n1 12/0 MIGRATED "two" | n2 18/2 MIGRATED "three"
until idle c
      0.00 c: read x.tdb g &: "two"
      0.00 so it is
expect value x.tdb g three

# The writer's client dies while it waits for the revoke.
b: fetch-read-only x.tdb g
      0.00 n1>n0 REQ_CALL gen g2 x.tdb g call FETCH_WITH_HEADER flags 0x4 hops 0
      0.00 n0>n2 REQ_CALL (1>2) gen g2 x.tdb g call FETCH_WITH_HEADER flags 0x4 hops 1
      0.00 n2>n1 REPLY_CALL status 0 29 bytes
      0.00 b: "three"
      0.00 x.tdb g (lmaster n0): n0 15/2 MIGRATED "two" | n1 19/2 MIGRATED READONLY "three" | n2 21/2 MIGRATED DELEGATED "three"
a: fetch-read-only x.tdb g
      0.00 n0>n2 REQ_CALL gen g2 x.tdb g call FETCH_WITH_HEADER flags 0x4 hops 0
      0.00 n2>n0 REPLY_CALL status 0 29 bytes
      0.00 a: "three"
      0.00 x.tdb g (lmaster n0): n0 19/2 MIGRATED READONLY "three" | n1 19/2 MIGRATED READONLY "three" | n2 21/2 MIGRATED DELEGATED "three"
pause n1 2s
d: put x.tdb g four &
run 500ms
      0.00 n2>n1 REQ_CONTROL UPDATE_RECORD 54 bytes
      0.00 n2>n0 REQ_CONTROL UPDATE_RECORD 54 bytes
      0.00 n0>n2 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
      0.50 x.tdb g (lmaster n0): n0 20/2 MIGRATED "three" | n1 19/2 MIGRATED READONLY "three" | n2 21/2 MIGRATED DELEGATED REVOKING "three"
d: kill
      0.00 d: put x.tdb g four &: is gone
      0.00 d: is killed
run 5s
      1.50 n1>n2 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
      5.00 x.tdb g (lmaster n0): n0 20/2 MIGRATED "three" | n1 20/2 MIGRATED "three" | n2 22/2 MIGRATED DELEGATED REVOKING REVOKED "three"
expect value x.tdb g three
c: put x.tdb g five
      0.00 c: done
      0.00 x.tdb g (lmaster n0): n0 20/2 MIGRATED "three" | n1 20/2 MIGRATED "three" | n2 24/2 MIGRATED "five"
b: read x.tdb g
      0.00 n1>n0 REQ_CALL gen g2 x.tdb g call FETCH_WITH_HEADER flags 0x4 hops 0
      0.00 n0>n2 REQ_CALL (1>2) gen g2 x.tdb g call FETCH_WITH_HEADER flags 0x4 hops 1
      0.00 n2>n1 REPLY_CALL status 0 28 bytes
      0.00 b: "five"
      0.00 x.tdb g (lmaster n0): n0 20/2 MIGRATED "three" | n1 25/2 MIGRATED READONLY "five" | n2 27/2 MIGRATED DELEGATED "five"
expect said /"five"/
