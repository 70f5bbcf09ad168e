# A record that was never migrated, only delegated read-only: when it is deleted, the readers' copies with data have to go as well, or
# the next recovery brings them back. C's ctdbd does not mark such a record; ours sets MIGRATED_WITH_DATA at the first delegation.
cluster 3 VacuumInterval=600
client a n0
client b n1
a: attach x.tdb readonly
      0.00 a: done
b: attach x.tdb readonly
      0.00 b: done
show calls x.tdb g
show controls UPDATE_RECORD TRY_DELETE_RECORDS
show record x.tdb g
      0.00 x.tdb g (lmaster n0): nowhere

# n0 is the lmaster of g.
a: put x.tdb g one
      0.00 a: done
      0.00 x.tdb g (lmaster n0): n0 2/0 "one"
b: fetch-read-only x.tdb g
      0.00 n1>n0 REQ_CALL gen g1 x.tdb g call FETCH_WITH_HEADER flags 0x4 hops 0
      0.00 n0>n1 REPLY_CALL status 0 27 bytes
      0.00 b: "one"
      0.00 x.tdb g (lmaster n0): n0 5/0 MIGRATED DELEGATED "one" | n1 3/0 MIGRATED READONLY "one"
a: put x.tdb g two
      0.00 n0>n1 REQ_CONTROL UPDATE_RECORD 52 bytes
      0.00 n1>n0 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
      0.00 a: done
      0.00 x.tdb g (lmaster n0): n0 8/0 MIGRATED "two" | n1 4/0 MIGRATED "one"
a: drop x.tdb g
      0.00 a: done
      0.00 x.tdb g (lmaster n0): n0 8/0 MIGRATED empty | n1 4/0 MIGRATED "one"
run 1s
vacuum n0 x.tdb
      0.00 n0>n1 REQ_CONTROL TRY_DELETE_RECORDS 49 bytes
      0.00 n0>n2 REQ_CONTROL TRY_DELETE_RECORDS 49 bytes
      0.00 n1>n0 REPLY_CONTROL status 0 8 bytes to TRY_DELETE_RECORDS
      0.00 n2>n0 REPLY_CONTROL status 0 8 bytes to TRY_DELETE_RECORDS
      0.00 ctdb: done
      0.00 x.tdb g (lmaster n0): nowhere
expect gone x.tdb g
hide
recover n0
      0.00 ctdb: done
run 3s
until healthy
      3.62 so it is
expect gone x.tdb g
a: traverse x.tdb
      0.00 a: 0 records

# The other way: a new record that begins at a low rsn must not lose against what is left of the old one.
show record x.tdb g
      0.00 x.tdb g (lmaster n0): nowhere
a: put x.tdb g three
      0.00 a: done
      0.00 x.tdb g (lmaster n0): n0 2/0 "three"
recover n1
      0.00 ctdb: done
run 3s
until healthy
      7.04 so it is
      7.04 x.tdb g (lmaster n0): n0 3/0 MIGRATED "three" | n1 2/0 MIGRATED "three" | n2 2/0 MIGRATED "three"
expect value x.tdb g three
b: read x.tdb g
      0.00 b: "three"
      0.00 x.tdb g (lmaster n0): n0 6/0 MIGRATED DELEGATED "three" | n1 4/0 MIGRATED READONLY "three" | n2 2/0 MIGRATED "three"
