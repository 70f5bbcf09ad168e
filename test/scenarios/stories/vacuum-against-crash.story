# Vacuuming of one record by its lmaster n0, which owns it: a node is lost at each stage of the deletion, and a recovery follows. The
# record stays deleted, and no copy comes back.
cluster 3 VacuumInterval=600 RerecoveryTimeout=1
client a n0
client b n1
client c n2
a: attach x.tdb
      0.00 a: done
b: attach x.tdb
      0.00 b: done
c: attach x.tdb
      0.00 c: done
show controls VACUUM_FETCH TRY_DELETE_RECORDS

# Stage 4: n1 crashes when it is asked to delete its copy.
b: put x.tdb g old
      0.00 b: done
c: put x.tdb g newer
      0.00 c: done
a: put x.tdb g new
      0.00 a: done
a: drop x.tdb g
      0.00 a: done
record x.tdb g
      0.00 x.tdb g (lmaster n0): n0 7/0 MIGRATED empty | n1 3/2 MIGRATED "old" | n2 5/0 MIGRATED "newer"
vacuum n0 x.tdb &
until line /n0>n1 packet REQ_CONTROL .* TRY_DELETE/
      0.00 n0>n1 REQ_CONTROL TRY_DELETE_RECORDS 49 bytes
      0.00 n0>n2 REQ_CONTROL TRY_DELETE_RECORDS 49 bytes
crash n1 loud
until healthy
      0.00 n2>n0 REPLY_CONTROL status 0 8 bytes to TRY_DELETE_RECORDS
      0.00 vacuum n0 x.tdb &: done
      0.04 so it is
record x.tdb g
      0.00 x.tdb g (lmaster n2): nowhere
expect gone x.tdb g
restart n1
until healthy
      1.94 so it is
run 3s

# Stage 5: n1 has deleted its copy, and its answer does not arrive.
client b5 n1
b5: attach x.tdb
      0.00 b5: done
b5: put x.tdb g old
      0.00 b5: done
c: put x.tdb g newer
      0.00 c: done
a: put x.tdb g new
      0.00 a: done
a: drop x.tdb g
      0.00 a: done
block n1 n0
vacuum n0 x.tdb &
until line /n0>n1 packet REQ_CONTROL .* TRY_DELETE/
      0.00 n0>n1 REQ_CONTROL TRY_DELETE_RECORDS 49 bytes
      0.00 n0>n2 REQ_CONTROL TRY_DELETE_RECORDS 49 bytes
run 1s
      0.00 n1>n0 REPLY_CONTROL status 0 8 bytes to TRY_DELETE_RECORDS
      0.00 n2>n0 REPLY_CONTROL status 0 8 bytes to TRY_DELETE_RECORDS
record x.tdb g
      0.00 x.tdb g (lmaster n0): n0 7/0 MIGRATED empty
crash n1 loud
unblock n1 n0
until healthy
      0.20 vacuum n0 x.tdb &: done
      0.24 so it is
record x.tdb g
      0.00 x.tdb g (lmaster n2): nowhere
restart n1
until healthy
      1.75 so it is
expect gone x.tdb g
run 3s

# Stage 6: the lmaster itself crashes between the answers of the others and its own deletion.
client b6 n1
b6: attach x.tdb
      0.00 b6: done
b6: put x.tdb u old
      0.00 b6: done
c: put x.tdb u newer
      0.00 c: done
a: put x.tdb u new
      0.00 a: done
a: drop x.tdb u
      0.00 a: done
vacuum n0 x.tdb &
until line /n2>n0 packet REPLY_CONTROL .* status 0 8 bytes/
      0.00 n0>n1 REQ_CONTROL TRY_DELETE_RECORDS 49 bytes
      0.00 n0>n2 REQ_CONTROL TRY_DELETE_RECORDS 49 bytes
      0.00 n1>n0 REPLY_CONTROL status 0 8 bytes to TRY_DELETE_RECORDS
      0.00 n2>n0 REPLY_CONTROL status 0 8 bytes to TRY_DELETE_RECORDS
record x.tdb u
      0.00 x.tdb u (lmaster n0): n0 7/0 MIGRATED empty
crash n0 loud
until healthy
      0.00 vacuum n0 x.tdb &: is gone
      6.69 so it is
record x.tdb u
      0.00 x.tdb u (lmaster n1): nowhere
expect value x.tdb u none
restart n0
until healthy
      0.86 so it is
expect gone x.tdb u
