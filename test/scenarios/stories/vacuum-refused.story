# A node cannot delete its copy because a process holds the chain. The lmaster keeps the record then, and a later full run gets it. With
# fcntl locks.
cluster 3 VacuumInterval=600 fcntl
client a n0
client b n1
client c n2
client smbd n1
a: attach x.tdb
      0.00 a: done
b: attach x.tdb
      0.00 b: done
c: attach x.tdb
      0.00 c: done
show controls TRY_DELETE_RECORDS
show record x.tdb g
      0.00 x.tdb g (lmaster n0): nowhere

b: put x.tdb g old
      0.00 b: done
      0.00 x.tdb g (lmaster n0): n0 1/1 empty | n1 3/1 "old"
c: put x.tdb g newer
      0.00 c: done
      0.00 x.tdb g (lmaster n0): n0 3/2 MIGRATED "old" | n1 3/2 MIGRATED "old" | n2 5/2 MIGRATED "newer"
a: put x.tdb g new
      0.00 a: done
      0.00 x.tdb g (lmaster n0): n0 7/0 MIGRATED "new" | n1 3/2 MIGRATED "old" | n2 5/0 MIGRATED "newer"
a: drop x.tdb g
      0.00 a: done
      0.00 x.tdb g (lmaster n0): n0 7/0 MIGRATED empty | n1 3/2 MIGRATED "old" | n2 5/0 MIGRATED "newer"
smbd: hold x.tdb g
      0.00 smbd: holds the chain
vacuum n0 x.tdb
      0.00 n0>n1 REQ_CONTROL TRY_DELETE_RECORDS 49 bytes
      0.00 n0>n2 REQ_CONTROL TRY_DELETE_RECORDS 49 bytes
      0.00 n1>n0 REPLY_CONTROL status 0 49 bytes to TRY_DELETE_RECORDS
      0.00 n2>n0 REPLY_CONTROL status 0 8 bytes to TRY_DELETE_RECORDS
      0.00 ctdb: done
      0.00 x.tdb g (lmaster n0): n0 7/0 MIGRATED empty | n1 3/2 MIGRATED "old"
expect value x.tdb g none
vacuum n0 x.tdb full
      0.00 n0>n1 REQ_CONTROL TRY_DELETE_RECORDS 49 bytes
      0.00 n0>n2 REQ_CONTROL TRY_DELETE_RECORDS 49 bytes
      0.00 n1>n0 REPLY_CONTROL status 0 49 bytes to TRY_DELETE_RECORDS
      0.00 n2>n0 REPLY_CONTROL status 0 8 bytes to TRY_DELETE_RECORDS
      0.00 n0>n1 REQ_CONTROL TRY_DELETE_RECORDS 49 bytes
      0.00 n0>n2 REQ_CONTROL TRY_DELETE_RECORDS 49 bytes
      0.00 n1>n0 REPLY_CONTROL status 0 49 bytes to TRY_DELETE_RECORDS
      0.00 n2>n0 REPLY_CONTROL status 0 8 bytes to TRY_DELETE_RECORDS
      0.00 ctdb: done
smbd: let-go x.tdb g
      0.00 smbd: done
vacuum n0 x.tdb full
      0.00 n0>n1 REQ_CONTROL TRY_DELETE_RECORDS 49 bytes
      0.00 n0>n2 REQ_CONTROL TRY_DELETE_RECORDS 49 bytes
      0.00 n1>n0 REPLY_CONTROL status 0 8 bytes to TRY_DELETE_RECORDS
      0.00 n2>n0 REPLY_CONTROL status 0 8 bytes to TRY_DELETE_RECORDS
      0.00 ctdb: done
      0.00 x.tdb g (lmaster n0): nowhere
expect gone x.tdb g

# A node is stopped: it is not asked, and what it has does not count.
b: put x.tdb g old
      0.00 b: done
      0.00 x.tdb g (lmaster n0): n0 1/1 empty | n1 3/1 "old"
c: put x.tdb g newer
      0.00 c: done
      0.00 x.tdb g (lmaster n0): n0 3/2 MIGRATED "old" | n1 3/2 MIGRATED "old" | n2 5/2 MIGRATED "newer"
a: put x.tdb g new
      0.00 a: done
      0.00 x.tdb g (lmaster n0): n0 7/0 MIGRATED "new" | n1 3/2 MIGRATED "old" | n2 5/0 MIGRATED "newer"
stop n1
      0.00 ctdb: done
      0.00 x.tdb g (lmaster n0): n0 7/0 MIGRATED "new" | n1 (inactive) 3/2 MIGRATED "old" | n2 5/0 MIGRATED "newer"
until recovered
      0.64 so it is
      0.64 x.tdb g (lmaster n2): n0 8/0 MIGRATED "new" | n1 (inactive) 3/2 MIGRATED "old" | n2 7/0 MIGRATED "new"
a: drop x.tdb g
      0.00 a: done
      0.00 x.tdb g (lmaster n2): n0 8/0 MIGRATED empty | n1 (inactive) 3/2 MIGRATED "old" | n2 7/0 MIGRATED "new"
vacuum n0 x.tdb full
      0.00 ctdb: done
run 100ms
      0.10 x.tdb g (lmaster n2): n0 8/2 MIGRATED empty | n1 (inactive) 3/2 MIGRATED "old" | n2 10/2 MIGRATED empty
vacuum n2 x.tdb full
      0.00 n2>n0 REQ_CONTROL TRY_DELETE_RECORDS 49 bytes
      0.00 n0>n2 REPLY_CONTROL status 0 8 bytes to TRY_DELETE_RECORDS
      0.00 ctdb: done
      0.00 x.tdb g (lmaster n2): n1 (inactive) 3/2 MIGRATED "old"
run 100ms
vacuum n0 x.tdb full
      0.00 ctdb: done
vacuum n2 x.tdb full
      0.00 ctdb: done
expect value x.tdb g none
continue n1
      0.00 ctdb: done
      0.00 x.tdb g (lmaster n2): n1 3/2 MIGRATED "old"
until healthy
      0.84 so it is
      0.84 x.tdb g (lmaster n0): nowhere
expect gone x.tdb g
