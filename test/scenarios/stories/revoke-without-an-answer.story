# The owner takes read-only copies back for a writer, and a node that has one does not answer because its machine stands still: the
# revoke fails after ControlTimeout and begins anew, and the writer gets the record in the end.
cluster 3 VacuumInterval=600 ControlTimeout=3
client a n0
client b n1
client c n2
a: attach x.tdb readonly
      0.00 a: done
b: attach x.tdb readonly
      0.00 b: done
c: attach x.tdb readonly
      0.00 c: done
a: put x.tdb g one
      0.00 a: done
b: fetch-read-only x.tdb g
      0.00 b: "one"
c: fetch-read-only x.tdb g
      0.00 c: "one"
show controls UPDATE_RECORD
show calls x.tdb g
show record x.tdb g
      0.00 x.tdb g (lmaster n0): n0 5/0 MIGRATED DELEGATED "one" | n1 3/0 MIGRATED READONLY "one" | n2 3/0 MIGRATED READONLY "one"
pause n1 8s
a: put x.tdb g two &
c: read x.tdb g
      0.00 c: "one"
run 10s
      0.00 n0>n1 REQ_CONTROL UPDATE_RECORD 52 bytes
      0.00 n0>n2 REQ_CONTROL UPDATE_RECORD 52 bytes
      0.00 n2>n0 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
      4.96 n0>n1 REQ_CONTROL UPDATE_RECORD 52 bytes
      4.96 n0>n2 REQ_CONTROL UPDATE_RECORD 52 bytes
      4.96 n2>n0 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
      8.00 n1>n0 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
      8.00 n1>n0 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
      8.96 n0>n1 REQ_CONTROL UPDATE_RECORD 52 bytes
      8.96 n0>n2 REQ_CONTROL UPDATE_RECORD 52 bytes
      8.96 n1>n0 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
      8.96 n2>n0 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
      8.96 a: put x.tdb g two &: done
     10.00 x.tdb g (lmaster n0): n0 8/0 MIGRATED "two" | n1 4/0 MIGRATED "one" | n2 4/0 MIGRATED "one"
until idle a
      0.00 so it is
b: read x.tdb g
      0.00 n1>n0 REQ_CALL gen g1 x.tdb g call FETCH_WITH_HEADER flags 0x4 hops 0
      0.00 n0>n1 REPLY_CALL status 0 27 bytes
      0.00 b: "two"
      0.00 x.tdb g (lmaster n0): n0 11/0 MIGRATED DELEGATED "two" | n1 9/0 MIGRATED READONLY "two" | n2 4/0 MIGRATED "one"
c: read x.tdb g
      0.00 n2>n0 REQ_CALL gen g1 x.tdb g call FETCH_WITH_HEADER flags 0x4 hops 0
      0.00 n0>n2 REPLY_CALL status 0 27 bytes
      0.00 c: "two"
      0.00 x.tdb g (lmaster n0): n0 11/0 MIGRATED DELEGATED "two" | n1 9/0 MIGRATED READONLY "two" | n2 9/0 MIGRATED READONLY "two"
expect value x.tdb g two

# It crashes instead.
b: fetch-read-only x.tdb g
      0.00 n1>n0 REQ_CALL gen g1 x.tdb g call FETCH_WITH_HEADER flags 0x4 hops 0
      0.00 n0>n1 REPLY_CALL status 0 27 bytes
      0.00 b: "two"
crash n1
      0.00 x.tdb g (lmaster n0): n0 11/0 MIGRATED DELEGATED "two" | n2 9/0 MIGRATED READONLY "two"
a: put x.tdb g three &
until idle a
      0.00 n0>n1 REQ_CONTROL UPDATE_RECORD 52 bytes
      0.00 n0>n2 REQ_CONTROL UPDATE_RECORD 52 bytes
      0.00 n2>n0 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
      4.96 n0>n1 REQ_CONTROL UPDATE_RECORD 52 bytes
      4.96 n0>n2 REQ_CONTROL UPDATE_RECORD 52 bytes
      4.96 n2>n0 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
      8.96 n0>n1 REQ_CONTROL UPDATE_RECORD 52 bytes
      8.96 n0>n2 REQ_CONTROL UPDATE_RECORD 52 bytes
      8.96 n2>n0 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
     12.96 n0>n1 REQ_CONTROL UPDATE_RECORD 52 bytes
     12.96 n0>n2 REQ_CONTROL UPDATE_RECORD 52 bytes
     12.96 n2>n0 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
     16.96 n0>n1 REQ_CONTROL UPDATE_RECORD 52 bytes
     16.96 n0>n2 REQ_CONTROL UPDATE_RECORD 52 bytes
     16.96 n2>n0 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
     20.96 n0>n1 REQ_CONTROL UPDATE_RECORD 52 bytes
     20.96 n0>n2 REQ_CONTROL UPDATE_RECORD 52 bytes
     20.96 n2>n0 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
     24.96 n0>n1 REQ_CONTROL UPDATE_RECORD 52 bytes
     24.96 n0>n2 REQ_CONTROL UPDATE_RECORD 52 bytes
     24.96 n2>n0 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
     28.96 n0>n1 REQ_CONTROL UPDATE_RECORD 52 bytes
     28.96 n0>n2 REQ_CONTROL UPDATE_RECORD 52 bytes
     28.96 n2>n0 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
     30.96 a: put x.tdb g three &: done
     30.96 so it is
     30.96 x.tdb g (lmaster n2): n0 13/0 MIGRATED "three" | n2 11/0 MIGRATED "two"
until healthy
      0.00 so it is
c: read x.tdb g
      0.00 n2>n0 REQ_CALL gen g2 x.tdb g call FETCH_WITH_HEADER flags 0x4 hops 0
      0.00 n0>n2 REPLY_CALL status 0 29 bytes
      0.00 c: "three"
      0.00 x.tdb g (lmaster n2): n0 16/0 MIGRATED DELEGATED "three" | n2 14/0 MIGRATED READONLY "three"
expect said /"three"/
