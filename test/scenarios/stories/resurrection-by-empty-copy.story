# An empty record of which read-only copies were given away: vacuuming must not delete it, or the readers keep a copy that looks valid
# and miss what is written next. C's ctdbd deletes it; ours skips records with read-only flags.
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

a: put x.tdb g one
      0.00 a: done
      0.00 x.tdb g (lmaster n0): n0 2/0 "one"
a: drop x.tdb g
      0.00 a: done
      0.00 x.tdb g (lmaster n0): n0 2/0 empty
b: fetch-read-only x.tdb g
      0.00 n1>n0 REQ_CALL gen g1 x.tdb g call FETCH_WITH_HEADER flags 0x4 hops 0
      0.00 n0>n1 REPLY_CALL status 0 24 bytes
      0.00 b: none
      0.00 x.tdb g (lmaster n0): n0 5/0 MIGRATED DELEGATED empty | n1 3/0 MIGRATED READONLY empty
run 1s
vacuum n0 x.tdb full
      0.00 ctdb: done
run 1s
      0.00 n0>n1 REQ_CONTROL UPDATE_RECORD 49 bytes
      0.01 n1>n0 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
      1.00 x.tdb g (lmaster n0): n0 8/0 MIGRATED empty | n1 4/0 MIGRATED empty
a: put x.tdb g two
      0.00 a: done
      0.00 x.tdb g (lmaster n0): n0 8/0 MIGRATED "two" | n1 4/0 MIGRATED empty
b: read x.tdb g
      0.00 n1>n0 REQ_CALL gen g1 x.tdb g call FETCH_WITH_HEADER flags 0x4 hops 0
      0.00 n0>n1 REPLY_CALL status 0 27 bytes
      0.00 b: "two"
      0.00 x.tdb g (lmaster n0): n0 11/0 MIGRATED DELEGATED "two" | n1 9/0 MIGRATED READONLY "two"
expect said /"two"/
a: drop x.tdb g
      0.00 n0>n1 REQ_CONTROL UPDATE_RECORD 52 bytes
      0.00 n1>n0 REPLY_CONTROL status 0 0 bytes to UPDATE_RECORD
      0.00 a: done
      0.00 x.tdb g (lmaster n0): n0 14/0 MIGRATED empty | n1 10/0 MIGRATED "two"
vacuum n0 x.tdb full
      0.00 n0>n1 REQ_CONTROL TRY_DELETE_RECORDS 49 bytes
      0.00 n0>n2 REQ_CONTROL TRY_DELETE_RECORDS 49 bytes
      0.00 n1>n0 REPLY_CONTROL status 0 8 bytes to TRY_DELETE_RECORDS
      0.00 n2>n0 REPLY_CONTROL status 0 8 bytes to TRY_DELETE_RECORDS
      0.00 ctdb: done
      0.00 x.tdb g (lmaster n0): nowhere
run 1s
vacuum n0 x.tdb full
      0.00 ctdb: done
expect value x.tdb g none
