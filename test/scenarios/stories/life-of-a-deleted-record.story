# The complete life of a deleted record: the owner hands the empty record to the lmaster, which deletes all copies and then its own.
cluster 3 VacuumInterval=600
client a n0
client b n1
a: attach x.tdb
      0.00 a: done
b: attach x.tdb
      0.00 b: done
show calls x.tdb b
show controls VACUUM_FETCH TRY_DELETE_RECORDS
show record x.tdb b
      0.00 x.tdb b (lmaster n2): nowhere

# n2 is the lmaster.
b: put x.tdb b one
      0.00 n1>n2 REQ_CALL gen g1 x.tdb b call NULL flags 0x1 hops 0
      0.00 n2>n1 REPLY_DMASTER gen g1 x.tdb b rsn 1 flags 0x0 0 bytes
      0.00 b: done
      0.00 x.tdb b (lmaster n2): n1 3/1 "one" | n2 1/1 empty
a: put x.tdb b two
      0.00 n0>n2 REQ_CALL gen g1 x.tdb b call NULL flags 0x1 hops 0
      0.00 n2>n1 REQ_CALL (0>1) gen g1 x.tdb b call NULL flags 0x1 hops 1
      0.00 n1>n2 REQ_DMASTER gen g1 x.tdb b rsn 3 to 0 flags 0x10000 3 bytes
      0.00 n2>n0 REPLY_DMASTER gen g1 x.tdb b rsn 3 flags 0x10000 3 bytes
      0.00 a: done
      0.00 x.tdb b (lmaster n2): n0 5/0 MIGRATED "two" | n1 3/0 MIGRATED "one" | n2 3/0 MIGRATED "one"
a: drop x.tdb b
      0.00 a: done
      0.00 x.tdb b (lmaster n2): n0 5/0 MIGRATED empty | n1 3/0 MIGRATED "one" | n2 3/0 MIGRATED "one"
vacuum n0 x.tdb
      0.00 n0>n2 REQ_CONTROL VACUUM_FETCH 25 bytes
      0.00 n2>n0 REPLY_CONTROL status 0 0 bytes to VACUUM_FETCH
      0.00 ctdb: done
vacuum n2 x.tdb
      0.00 ctdb: done
run 100ms
      0.00 n2>n0 REQ_CALL gen g1 x.tdb b call NULL flags 0x3 hops 0
      0.00 n0>n2 REQ_DMASTER gen g1 x.tdb b rsn 5 to 2 flags 0x10000 0 bytes
      0.10 x.tdb b (lmaster n2): n0 5/2 MIGRATED empty | n1 3/0 MIGRATED "one" | n2 7/2 MIGRATED empty
vacuum n2 x.tdb
      0.00 n2>n0 REQ_CONTROL TRY_DELETE_RECORDS 49 bytes
      0.00 n2>n1 REQ_CONTROL TRY_DELETE_RECORDS 49 bytes
      0.00 n0>n2 REPLY_CONTROL status 0 8 bytes to TRY_DELETE_RECORDS
      0.00 n1>n2 REPLY_CONTROL status 0 8 bytes to TRY_DELETE_RECORDS
      0.00 ctdb: done
      0.00 x.tdb b (lmaster n2): nowhere
expect gone x.tdb b
# The next one with this key begins anew.
b: put x.tdb b three
      0.00 n1>n2 REQ_CALL gen g1 x.tdb b call NULL flags 0x1 hops 0
      0.00 n2>n1 REPLY_DMASTER gen g1 x.tdb b rsn 1 flags 0x0 0 bytes
      0.00 b: done
      0.00 x.tdb b (lmaster n2): n1 3/1 "three" | n2 1/1 empty
