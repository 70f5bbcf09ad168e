# Vacuuming of one record, interrupted by a recovery at each of its stages: the record stays deleted, and no copy comes back.
cluster 3 VacuumInterval=600 RerecoveryTimeout=1
client a n0
client b n1
client c n2
client other n0
a: attach x.tdb
         0.3 a: done
b: attach x.tdb
         0.2 b: done
c: attach x.tdb
         0.3 c: done
show controls VACUUM_FETCH TRY_DELETE_RECORDS

# Stage 1: deleted by its owner n0; n2 is the lmaster, n1 has an old copy with data.
b: put x.tdb b old
         0.2 b: done
a: put x.tdb b new
         0.4 a: done
a: drop x.tdb b
         0.0 a: done
record x.tdb b
         0.0 x.tdb b (lmaster n2): n0 5/0 MIGRATED empty | n1 3/0 MIGRATED "old" | n2 3/0 MIGRATED "old"
recover n0
         0.1 ctdb: done
until line /END_RECOVERY/
until recovered
         0.8 so it is
record x.tdb b
         0.0 x.tdb b (lmaster n2): nowhere
expect gone x.tdb b
run 3s

# Stage 2: the lmaster knows that it shall fetch the record, and has not begun.
b: put x.tdb b old
         0.2 b: done
a: put x.tdb b new
         0.4 a: done
a: drop x.tdb b
         0.0 a: done
vacuum n0 x.tdb
         0.2 n0>n2 REQ_CONTROL VACUUM_FETCH 25 bytes
         0.3 n2>n0 REPLY_CONTROL status 0 0 bytes to VACUUM_FETCH
         0.5 ctdb: done
recover n0
         0.1 ctdb: done
until line /END_RECOVERY/
until recovered
         0.7 so it is
vacuum n2 x.tdb
         0.1 ctdb: done
expect gone x.tdb b
run 3s

# Stage 3: the lmaster's request for the record waits at the owner for a chain that is held, as does the freeze.
b: put x.tdb b old
         0.3 b: done
a: put x.tdb b new
         0.5 a: done
a: drop x.tdb b
         0.0 a: done
vacuum n0 x.tdb
         0.2 n0>n2 REQ_CONTROL VACUUM_FETCH 25 bytes
         0.3 n2>n0 REPLY_CONTROL status 0 0 bytes to VACUUM_FETCH
         0.5 ctdb: done
other: hold x.tdb b
         0.0 other: holds the chain
vacuum n2 x.tdb &
run 100ms
         0.1 vacuum n2 x.tdb &: done
recover n0
         0.1 ctdb: done
until line /packet REQ_CONTROL .* DB_FREEZE/
run 1s
record x.tdb b
         0.0 x.tdb b (lmaster n2): n0 5/0 MIGRATED empty | n1 3/0 MIGRATED "old" | n2 3/0 MIGRATED "old"
other: let-go x.tdb b
         0.0 other: done
until line /END_RECOVERY/
until recovered
         0.8 so it is
# The request is resent and makes an empty record, for the next run.
record x.tdb b
         0.0 x.tdb b (lmaster n2): n2 2/2 empty
expect value x.tdb b none
vacuum n2 x.tdb
         0.2 ctdb: done
expect gone x.tdb b
run 3s

# Stage 4: the lmaster has the empty record; n1 deletes its copy, n2 does the same, and a node that is asked crashes. n0 is the lmaster of g.
b: put x.tdb g old
         0.2 b: done
c: put x.tdb g newer
         0.5 c: done
a: put x.tdb g new
         0.3 a: done
a: drop x.tdb g
         0.0 a: done
record x.tdb g
         0.0 x.tdb g (lmaster n0): n0 7/0 MIGRATED empty | n1 3/2 MIGRATED "old" | n2 5/0 MIGRATED "newer"
vacuum n0 x.tdb &
until line /n0>n1 packet REQ_CONTROL .* TRY_DELETE/
         0.2 n0>n1 REQ_CONTROL TRY_DELETE_RECORDS 49 bytes
         0.2 n0>n2 REQ_CONTROL TRY_DELETE_RECORDS 49 bytes
crash n1 loud
until healthy
         0.1 n2>n0 REPLY_CONTROL status 0 8 bytes to TRY_DELETE_RECORDS
         0.3 vacuum n0 x.tdb &: done
        71.6 so it is
record x.tdb g
         0.0 x.tdb g (lmaster n2): nowhere
expect gone x.tdb g
restart n1
until healthy
      1781.4 so it is
run 3s

# Stage 5: the node has deleted its copy, and its answer does not arrive.
client b5 n1
b5: attach x.tdb
         0.3 b5: done
b5: put x.tdb g old
         0.3 b5: done
c: put x.tdb g newer
         0.5 c: done
a: put x.tdb g new
         0.3 a: done
a: drop x.tdb g
         0.0 a: done
block n1 n0
vacuum n0 x.tdb &
until line /n0>n1 packet REQ_CONTROL .* TRY_DELETE/
         0.2 n0>n1 REQ_CONTROL TRY_DELETE_RECORDS 49 bytes
         0.2 n0>n2 REQ_CONTROL TRY_DELETE_RECORDS 49 bytes
run 1s
         0.1 n1>n0 REPLY_CONTROL status 0 8 bytes to TRY_DELETE_RECORDS
         0.1 n2>n0 REPLY_CONTROL status 0 8 bytes to TRY_DELETE_RECORDS
record x.tdb g
         0.0 x.tdb g (lmaster n0): n0 7/0 MIGRATED empty
crash n1 loud
unblock n1 n0
until healthy
       298.1 vacuum n0 x.tdb &: done
       362.7 so it is
record x.tdb g
         0.0 x.tdb g (lmaster n2): nowhere
restart n1
until healthy
      1635.8 so it is
expect gone x.tdb g
run 3s

# Stage 6: the lmaster itself crashes between the answers of the others and its own deletion.
client b6 n1
b6: attach x.tdb
         0.3 b6: done
b6: put x.tdb u old
         0.3 b6: done
c: put x.tdb u newer
         0.5 c: done
a: put x.tdb u new
         0.3 a: done
a: drop x.tdb u
         0.0 a: done
vacuum n0 x.tdb &
until line /n2>n0 packet REPLY_CONTROL .* status 0 8 bytes/
         0.2 n0>n1 REQ_CONTROL TRY_DELETE_RECORDS 49 bytes
         0.2 n0>n2 REQ_CONTROL TRY_DELETE_RECORDS 49 bytes
         0.3 n1>n0 REPLY_CONTROL status 0 8 bytes to TRY_DELETE_RECORDS
         0.3 n2>n0 REPLY_CONTROL status 0 8 bytes to TRY_DELETE_RECORDS
record x.tdb u
         0.0 x.tdb u (lmaster n0): n0 7/0 MIGRATED empty
crash n0 loud
until healthy
         0.0 vacuum n0 x.tdb &: is gone
      6568.2 so it is
record x.tdb u
         0.0 x.tdb u (lmaster n1): nowhere
expect value x.tdb u none
restart n0
until healthy
      1035.1 so it is
expect gone x.tdb u
