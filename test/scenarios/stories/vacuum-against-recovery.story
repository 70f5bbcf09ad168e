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
show controls VACUUM_FETCH TRY_DELETE_RECORDS DB_FREEZE

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
         7.8 n0>n1 REQ_CONTROL DB_FREEZE 4 bytes
         7.8 n0>n2 REQ_CONTROL DB_FREEZE 4 bytes
         7.9 n1>n0 REPLY_CONTROL status 0 0 bytes to DB_FREEZE
         7.9 n2>n0 REPLY_CONTROL status 0 0 bytes to DB_FREEZE
until recovered
         0.0 so it is
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
         8.1 n0>n1 REQ_CONTROL DB_FREEZE 4 bytes
         8.1 n0>n2 REQ_CONTROL DB_FREEZE 4 bytes
         8.2 n1>n0 REPLY_CONTROL status 0 0 bytes to DB_FREEZE
         8.2 n2>n0 REPLY_CONTROL status 0 0 bytes to DB_FREEZE
until recovered
         0.0 so it is
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
         8.6 n0>n1 REQ_CONTROL DB_FREEZE 4 bytes
         8.6 n0>n2 REQ_CONTROL DB_FREEZE 4 bytes
run 1s
         0.1 n1>n0 REPLY_CONTROL status 0 0 bytes to DB_FREEZE
         0.1 n2>n0 REPLY_CONTROL status 0 0 bytes to DB_FREEZE
record x.tdb b
         0.0 x.tdb b (lmaster n2): n0 5/0 MIGRATED empty | n1 3/0 MIGRATED "old" | n2 3/0 MIGRATED "old"
other: let-go x.tdb b
         0.0 other: done
until line /END_RECOVERY/
until recovered
         0.0 so it is
expect gone x.tdb b
run 3s

# Stage 4: the lmaster has the empty record; n1 deletes its copy, n2 does the same, and a node that is asked crashes. n0 is the lmaster of g.
b: put x.tdb g old
c: put x.tdb g newer
a: put x.tdb g new
a: drop x.tdb g
record x.tdb g
vacuum n0 x.tdb &
until line /n0>n1 packet REQ_CONTROL .* TRY_DELETE/
crash n1 loud
until healthy
record x.tdb g
expect gone x.tdb g
restart n1
until healthy
run 3s

# Stage 5: the node has deleted its copy, and its answer does not arrive.
client b5 n1
b5: attach x.tdb
b5: put x.tdb g old
c: put x.tdb g newer
a: put x.tdb g new
a: drop x.tdb g
block n1 n0
vacuum n0 x.tdb &
until line /n0>n1 packet REQ_CONTROL .* TRY_DELETE/
run 1s
record x.tdb g
crash n1 loud
unblock n1 n0
until healthy
record x.tdb g
restart n1
until healthy
expect gone x.tdb g
run 3s

# Stage 6: the lmaster itself crashes between the answers of the others and its own deletion.
client b6 n1
b6: attach x.tdb
b6: put x.tdb u old
c: put x.tdb u newer
a: put x.tdb u new
a: drop x.tdb u
vacuum n0 x.tdb &
until line /n2>n0 packet REPLY_CONTROL .* status 0 8 bytes/
record x.tdb u
crash n0 loud
until healthy
record x.tdb u
expect value x.tdb u none
restart n0
until healthy
expect gone x.tdb u
