# Zombie record: a record is deleted and vacuumed while one node is stopped; the old copy of that node must not come back with it.
# An inactive node marks its copies as invalid when it becomes inactive, and offers none to the recovery after it continues.
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
# Each node gets a copy with data, n2 the newest but one.
c: put x.tdb b old
      0.00 c: done
a: put x.tdb b newer
      0.00 a: done
c: put x.tdb d older
      0.00 c: done
a: put x.tdb d old
      0.00 a: done
c: put x.tdb d old-and-high
      0.00 c: done
show record x.tdb b
      0.00 x.tdb b (lmaster n2): n0 4/0 MIGRATED "newer" | n2 2/0 MIGRATED "old"
show record x.tdb d
      0.00 x.tdb d (lmaster n1): n0 5/2 MIGRATED "old" | n1 5/2 MIGRATED "old" | n2 7/2 MIGRATED "old-and-high"
run 1s

stop n2
      0.00 ctdb: done
      0.00 x.tdb b (lmaster n2): n0 4/0 MIGRATED "newer" | n2 (inactive) 2/0 MIGRATED "old"
      0.00 x.tdb d (lmaster n1): n0 5/2 MIGRATED "old" | n1 5/2 MIGRATED "old" | n2 (inactive) 7/2 MIGRATED "old-and-high"
until recovered
      0.64 so it is
      0.64 x.tdb b (lmaster n1): n0 5/0 MIGRATED "newer" | n1 4/0 MIGRATED "newer" | n2 (inactive) 2/0 MIGRATED "old"
      0.64 x.tdb d (lmaster n1): n0 6/0 MIGRATED "old" | n1 5/0 MIGRATED "old" | n2 (inactive) 7/2 MIGRATED "old-and-high"
show calls x.tdb b
# n2 keeps its copy; n0 and n1 have what the recovery gave them. Now the record is deleted.
a: drop x.tdb b
      0.00 a: done
      0.00 x.tdb b (lmaster n1): n0 5/0 MIGRATED empty | n1 4/0 MIGRATED "newer" | n2 (inactive) 2/0 MIGRATED "old"
a: drop x.tdb d
      0.00 a: done
      0.00 x.tdb d (lmaster n1): n0 6/0 MIGRATED empty | n1 5/0 MIGRATED "old" | n2 (inactive) 7/2 MIGRATED "old-and-high"
vacuum n0 x.tdb
      0.00 ctdb: done
vacuum n1 x.tdb
      0.00 ctdb: done
vacuum n0 x.tdb
      0.00 ctdb: done
run 100ms
      0.00 n1>n0 REQ_CALL gen g1 x.tdb b call NULL flags 0x3 hops 0
      0.00 n0>n1 REQ_DMASTER gen g1 x.tdb b rsn 5 to 1 flags 0x10000 0 bytes
      0.10 x.tdb b (lmaster n1): n0 5/1 MIGRATED empty | n1 7/1 MIGRATED empty | n2 (inactive) 2/0 MIGRATED "old"
      0.10 x.tdb d (lmaster n1): n0 6/1 MIGRATED empty | n1 8/1 MIGRATED empty | n2 (inactive) 7/2 MIGRATED "old-and-high"
vacuum n1 x.tdb
      0.00 ctdb: done
      0.00 x.tdb b (lmaster n1): n2 (inactive) 2/0 MIGRATED "old"
      0.00 x.tdb d (lmaster n1): n2 (inactive) 7/2 MIGRATED "old-and-high"
vacuum n0 x.tdb
      0.00 ctdb: done
expect value x.tdb b none
# The other one is made anew, with a lower rsn than that of the copy on n2.
a: put x.tdb d new
      0.00 a: done
      0.00 x.tdb d (lmaster n1): n0 3/0 "new" | n1 1/0 empty | n2 (inactive) 7/2 MIGRATED "old-and-high"
show controls DB_PULL WIPE_DATABASE
continue n2
      0.00 ctdb: done
      0.00 x.tdb b (lmaster n1): n2 2/0 MIGRATED "old"
      0.00 x.tdb d (lmaster n1): n0 3/0 "new" | n1 1/0 empty | n2 7/2 MIGRATED "old-and-high"
until healthy
      0.90 n0>n1 REQ_CONTROL DB_PULL 16 bytes
      0.90 n0>n2 REQ_CONTROL DB_PULL 16 bytes
      0.90 n1>n0 REPLY_CONTROL status 0 4 bytes to DB_PULL
      0.90 n2>n0 REPLY_CONTROL status 0 4 bytes to DB_PULL
      0.90 n0>n1 REQ_CONTROL WIPE_DATABASE 8 bytes
      0.90 n0>n2 REQ_CONTROL WIPE_DATABASE 8 bytes
      0.90 n1>n0 REPLY_CONTROL status 0 0 bytes to WIPE_DATABASE
      0.90 n2>n0 REPLY_CONTROL status 0 0 bytes to WIPE_DATABASE
      0.94 so it is
      0.94 x.tdb b (lmaster n2): nowhere
      0.94 x.tdb d (lmaster n1): n0 4/0 MIGRATED "new" | n1 3/0 MIGRATED "new" | n2 3/0 MIGRATED "new"
expect gone x.tdb b
expect value x.tdb d new
a: traverse x.tdb
      0.00 a: d "new"
c: read x.tdb b
      0.00 c: none
      0.00 x.tdb b (lmaster n2): n2 2/2 empty
