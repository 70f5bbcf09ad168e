# A record that is being vacuumed is written again, at each stage: what was written stays.
cluster 3 VacuumInterval=600
client a n0
client b n1
client c n2
a: attach x.tdb
      0.00 a: done
b: attach x.tdb
      0.00 b: done
c: attach x.tdb
      0.00 c: done
show calls x.tdb b
show controls VACUUM_FETCH TRY_DELETE_RECORDS
show record x.tdb b
      0.00 x.tdb b (lmaster n2): nowhere

# Before the run looks at it. n2 is the lmaster.
b: put x.tdb b old
      0.00 n1>n2 REQ_CALL gen g1 x.tdb b call NULL flags 0x1 hops 0
      0.00 n2>n1 REPLY_DMASTER gen g1 x.tdb b rsn 1 flags 0x0 0 bytes
      0.00 b: done
      0.00 x.tdb b (lmaster n2): n1 3/1 "old" | n2 1/1 empty
a: put x.tdb b new
      0.00 n0>n2 REQ_CALL gen g1 x.tdb b call NULL flags 0x1 hops 0
      0.00 n2>n1 REQ_CALL (0>1) gen g1 x.tdb b call NULL flags 0x1 hops 1
      0.00 n1>n2 REQ_DMASTER gen g1 x.tdb b rsn 3 to 0 flags 0x10000 3 bytes
      0.00 n2>n0 REPLY_DMASTER gen g1 x.tdb b rsn 3 flags 0x10000 3 bytes
      0.00 a: done
      0.00 x.tdb b (lmaster n2): n0 5/0 MIGRATED "new" | n1 3/0 MIGRATED "old" | n2 3/0 MIGRATED "old"
a: drop x.tdb b
      0.00 a: done
      0.00 x.tdb b (lmaster n2): n0 5/0 MIGRATED empty | n1 3/0 MIGRATED "old" | n2 3/0 MIGRATED "old"
a: put x.tdb b again
      0.00 a: done
      0.00 x.tdb b (lmaster n2): n0 5/0 MIGRATED "again" | n1 3/0 MIGRATED "old" | n2 3/0 MIGRATED "old"
vacuum n0 x.tdb
      0.00 ctdb: done
run 100ms
expect value x.tdb b again

# The lmaster has been told to fetch it, and the owner writes.
a: drop x.tdb b
      0.00 a: done
      0.00 x.tdb b (lmaster n2): n0 5/0 MIGRATED empty | n1 3/0 MIGRATED "old" | n2 3/0 MIGRATED "old"
vacuum n0 x.tdb
      0.00 n0>n2 REQ_CONTROL VACUUM_FETCH 25 bytes
      0.00 n2>n0 REPLY_CONTROL status 0 0 bytes to VACUUM_FETCH
      0.00 ctdb: done
a: put x.tdb b again
      0.00 a: done
      0.00 x.tdb b (lmaster n2): n0 5/0 MIGRATED "again" | n1 3/0 MIGRATED "old" | n2 3/0 MIGRATED "old"
vacuum n2 x.tdb
      0.00 ctdb: done
run 100ms
      0.00 n2>n0 REQ_CALL gen g1 x.tdb b call NULL flags 0x3 hops 0
      0.00 n0>n2 REQ_DMASTER gen g1 x.tdb b rsn 5 to 2 flags 0x10000 5 bytes
      0.10 x.tdb b (lmaster n2): n0 5/2 MIGRATED "again" | n1 3/0 MIGRATED "old" | n2 7/2 MIGRATED "again"
vacuum n2 x.tdb
      0.00 ctdb: done
expect value x.tdb b again

# It comes to the lmaster for vacuuming, and another node asks for it on the way.
a: drop x.tdb b
      0.00 n0>n2 REQ_CALL gen g1 x.tdb b call NULL flags 0x1 hops 0
      0.00 n2>n0 REPLY_DMASTER gen g1 x.tdb b rsn 7 flags 0x10000 5 bytes
      0.00 a: done
      0.00 x.tdb b (lmaster n2): n0 9/0 MIGRATED empty | n1 3/0 MIGRATED "old" | n2 7/0 MIGRATED "again"
vacuum n0 x.tdb
      0.00 n0>n2 REQ_CONTROL VACUUM_FETCH 25 bytes
      0.00 n2>n0 REPLY_CONTROL status 0 0 bytes to VACUUM_FETCH
      0.00 ctdb: done
vacuum n2 x.tdb
      0.00 ctdb: done
until line /n2>n0 packet REQ_CALL .* flags 0x3/
      0.00 n2>n0 REQ_CALL gen g1 x.tdb b call NULL flags 0x3 hops 0
b: put x.tdb b again &
run 100ms
      0.00 n1>n2 REQ_CALL gen g1 x.tdb b call NULL flags 0x1 hops 0
      0.00 n0>n2 REQ_DMASTER gen g1 x.tdb b rsn 9 to 2 flags 0x10000 0 bytes
      0.00 n2>n1 REPLY_DMASTER gen g1 x.tdb b rsn 11 flags 0x10000 0 bytes
      0.00 b: put x.tdb b again &: done
      0.10 x.tdb b (lmaster n2): n0 9/2 MIGRATED empty | n1 13/1 MIGRATED "again" | n2 11/1 MIGRATED empty
vacuum n2 x.tdb full
      0.00 ctdb: done
expect value x.tdb b again

# The other nodes are asked to delete it, and one of their users wants it.
a: put x.tdb b new
      0.00 n0>n2 REQ_CALL gen g1 x.tdb b call NULL flags 0x1 hops 0
      0.00 n2>n1 REQ_CALL (0>1) gen g1 x.tdb b call NULL flags 0x1 hops 1
      0.00 n1>n2 REQ_DMASTER gen g1 x.tdb b rsn 13 to 0 flags 0x10000 5 bytes
      0.00 n2>n0 REPLY_DMASTER gen g1 x.tdb b rsn 13 flags 0x10000 5 bytes
      0.00 a: done
      0.00 x.tdb b (lmaster n2): n0 15/0 MIGRATED "new" | n1 13/0 MIGRATED "again" | n2 13/0 MIGRATED "again"
c: put x.tdb b newer
      0.00 n2>n0 REQ_CALL gen g1 x.tdb b call NULL flags 0x1 hops 0
      0.00 n0>n2 REQ_DMASTER gen g1 x.tdb b rsn 15 to 2 flags 0x10000 3 bytes
      0.00 c: done
      0.00 x.tdb b (lmaster n2): n0 15/2 MIGRATED "new" | n1 13/0 MIGRATED "again" | n2 17/2 MIGRATED "newer"
c: drop x.tdb b
      0.00 c: done
      0.00 x.tdb b (lmaster n2): n0 15/2 MIGRATED "new" | n1 13/0 MIGRATED "again" | n2 17/2 MIGRATED empty
vacuum n2 x.tdb &
until line /n2>n1 packet REQ_CONTROL .* TRY_DELETE/
      0.00 n2>n0 REQ_CONTROL TRY_DELETE_RECORDS 49 bytes
      0.00 n2>n1 REQ_CONTROL TRY_DELETE_RECORDS 49 bytes
b: put x.tdb b again &
run 100ms
      0.00 n1>n2 REQ_CALL gen g1 x.tdb b call NULL flags 0x1 hops 0
      0.00 n0>n2 REPLY_CONTROL status 0 8 bytes to TRY_DELETE_RECORDS
      0.00 n1>n2 REPLY_CONTROL status 0 8 bytes to TRY_DELETE_RECORDS
      0.00 n2>n1 REPLY_DMASTER gen g1 x.tdb b rsn 17 flags 0x10000 0 bytes
      0.00 b: put x.tdb b again &: done
      0.00 vacuum n2 x.tdb &: done
      0.10 x.tdb b (lmaster n2): n1 19/1 MIGRATED "again" | n2 17/1 MIGRATED empty
expect value x.tdb b again
vacuum n2 x.tdb full
      0.00 ctdb: done
a: read x.tdb b
      0.00 n0>n2 REQ_CALL gen g1 x.tdb b call FETCH flags 0x0 hops 0
      0.00 n2>n1 REQ_CALL (0>1) gen g1 x.tdb b call FETCH flags 0x0 hops 1
      0.00 n1>n2 REQ_DMASTER gen g1 x.tdb b rsn 19 to 0 flags 0x10000 5 bytes
      0.00 n2>n0 REPLY_DMASTER gen g1 x.tdb b rsn 19 flags 0x10000 5 bytes
      0.00 a: "again"
      0.00 x.tdb b (lmaster n2): n0 21/0 MIGRATED "again" | n1 19/0 MIGRATED "again" | n2 19/0 MIGRATED "again"
expect said /"again"/
