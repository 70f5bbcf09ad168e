# Vacuuming of one record, interrupted by a recovery at each of its stages: the record stays deleted, and no copy comes back.
cluster 3 VacuumInterval=600 RerecoveryTimeout=1
client a n0
client b n1
client c n2
client other n0
a: attach x.tdb
      0.00 a: done
b: attach x.tdb
      0.00 b: done
c: attach x.tdb
      0.00 c: done
show controls VACUUM_FETCH TRY_DELETE_RECORDS

# Stage 1: deleted by its owner n0; n2 is the lmaster, n1 has an old copy with data.
b: put x.tdb b old
      0.00 b: done
a: put x.tdb b new
      0.00 a: done
a: drop x.tdb b
      0.00 a: done
record x.tdb b
      0.00 x.tdb b (lmaster n2): n0 5/0 MIGRATED empty | n1 3/0 MIGRATED "old" | n2 3/0 MIGRATED "old"
recover n0
      0.00 ctdb: done
until line /END_RECOVERY/
until recovered
      0.00 so it is
record x.tdb b
      0.00 x.tdb b (lmaster n2): nowhere
expect gone x.tdb b
run 3s

# Stage 2: the lmaster knows that it shall fetch the record, and has not begun.
b: put x.tdb b old
      0.00 b: done
a: put x.tdb b new
      0.00 a: done
a: drop x.tdb b
      0.00 a: done
vacuum n0 x.tdb
      0.00 n0>n2 REQ_CONTROL VACUUM_FETCH 25 bytes
      0.00 n2>n0 REPLY_CONTROL status 0 0 bytes to VACUUM_FETCH
      0.00 ctdb: done
recover n0
      0.00 ctdb: done
until line /END_RECOVERY/
until recovered
      0.00 so it is
vacuum n2 x.tdb
      0.00 ctdb: done
expect gone x.tdb b
run 3s

# Stage 3: the lmaster's request for the record waits at the owner for a chain that is held, as does the freeze.
b: put x.tdb b old
      0.00 b: done
a: put x.tdb b new
      0.00 a: done
a: drop x.tdb b
      0.00 a: done
vacuum n0 x.tdb
      0.00 n0>n2 REQ_CONTROL VACUUM_FETCH 25 bytes
      0.00 n2>n0 REPLY_CONTROL status 0 0 bytes to VACUUM_FETCH
      0.00 ctdb: done
other: hold x.tdb b
      0.00 other: holds the chain
vacuum n2 x.tdb &
run 100ms
      0.00 vacuum n2 x.tdb &: done
recover n0
      0.00 ctdb: done
until line /packet REQ_CONTROL .* DB_FREEZE/
run 1s
record x.tdb b
      0.00 x.tdb b (lmaster n2): n0 5/0 MIGRATED empty | n1 3/0 MIGRATED "old" | n2 3/0 MIGRATED "old"
other: let-go x.tdb b
      0.00 other: done
until line /END_RECOVERY/
until recovered
      0.00 so it is
# The request is resent and makes an empty record, for the next run.
record x.tdb b
      0.00 x.tdb b (lmaster n2): n2 2/2 empty
expect value x.tdb b none
vacuum n2 x.tdb
      0.00 ctdb: done
expect gone x.tdb b
run 3s

# Stage 4: the lmaster n2 has asked the others to delete their copies. n0 has done so, and the question to n1 is still on a slow link when
# a recovery ends the run. The record is made anew, and a copy of it pushed to n1, before the question arrives there.
b: put x.tdb b old
      0.00 b: done
a: put x.tdb b newer
      0.00 a: done
c: put x.tdb b new
      0.00 c: done
c: drop x.tdb b
      0.00 c: done
show record x.tdb b
      0.00 x.tdb b (lmaster n2): n0 5/2 MIGRATED "newer" | n1 3/0 MIGRATED "old" | n2 7/2 MIGRATED empty
slow n2 n1 6s
vacuum n2 x.tdb &
show log /n2 ctdbd.*(?:Freeze db|acuum)/
recover n0
      0.00 ctdb: done
until line /n2 ctdbd log Freeze db/
      0.00 n2>n0 REQ_CONTROL TRY_DELETE_RECORDS 49 bytes
      0.00 n2>n1 REQ_CONTROL TRY_DELETE_RECORDS 49 bytes
      0.00 n0>n2 REPLY_CONTROL status 0 8 bytes to TRY_DELETE_RECORDS
      0.00 vacuum n2 x.tdb &: ControlFailedError: control DB_VACUUM failed on the local node with status -1
      0.00 n2 ctdbd Freeze db: x.tdb
      0.00 x.tdb b (lmaster n2): n1 3/0 MIGRATED "old" | n2 7/2 MIGRATED empty
until line /packet REQ_CONTROL .* DB_THAW/
      0.00 x.tdb b (lmaster n2): nowhere
run 1ms
expect value x.tdb b none
a: put x.tdb b again
      0.00 a: done
      0.00 x.tdb b (lmaster n2): n0 3/0 "again" | n2 1/0 empty
until healthy
      0.03 so it is
recover n0
      0.00 ctdb: done
until line /END_RECOVERY/
      1.00 n2 ctdbd Freeze db: x.tdb
      1.04 x.tdb b (lmaster n2): n0 4/0 MIGRATED "again" | n1 3/0 MIGRATED "again" | n2 3/0 MIGRATED "again"
until healthy within 30s
      0.00 so it is
run 6s
      4.90 n1>n2 REPLY_CONTROL status 0 8 bytes to TRY_DELETE_RECORDS
      5.99 x.tdb b (lmaster n2): n0 4/0 MIGRATED "again" | n2 3/0 MIGRATED "again"
expect value x.tdb b again
b: read x.tdb b
      6.00 b: "again"
      6.00 x.tdb b (lmaster n2): n0 4/1 MIGRATED "again" | n1 6/1 MIGRATED "again" | n2 4/1 MIGRATED "again"
expect said /"again"/
