# n1 is banned when it has got the records of a recovery, and before their commit. It does not commit and does not thaw: what it had is
# invalid, and the next recovery takes nothing of it.
cluster 3 VacuumInterval=600 RerecoveryTimeout=1
client a n0
client b n1
a: attach x.tdb
      0.00 a: done
b: attach x.tdb
      0.00 b: done
b: put x.tdb b old
      0.00 b: done
a: put x.tdb b new
      0.00 a: done
show record x.tdb b
      0.00 x.tdb b (lmaster n2): n0 5/0 MIGRATED "new" | n1 3/0 MIGRATED "old" | n2 3/0 MIGRATED "old"
show states
show controls DB_TRANSACTION_COMMIT DB_THAW
slow n0 n1 100ms
recover n0
      0.00 n0 RUNNING, recovery ACTIVE, generation g1 map 0,1,2
      0.00 ctdb: done
until line /n0>n1 packet REQ_CONTROL .* DB_TRANSACTION_COMMIT/
      0.70 n2 RUNNING, recovery ACTIVE, generation g1 map 0,1,2
      0.80 n1 RUNNING, recovery ACTIVE, generation g1 map 0,1,2
      1.00 n0 RUNNING, recovery ACTIVE, generation g2 map 0,1,2
      1.00 n2 RUNNING, recovery ACTIVE, generation g2 map 0,1,2
      1.10 n1 RUNNING, recovery ACTIVE, generation g2 map 0,1,2
      2.01 n0>n1 REQ_CONTROL DB_TRANSACTION_COMMIT 8 bytes
      2.01 n0>n2 REQ_CONTROL DB_TRANSACTION_COMMIT 8 bytes
      2.01 x.tdb b (lmaster n2): n0 6/0 MIGRATED "new" | n1 3/0 MIGRATED "old" | n2 3/0 MIGRATED "old"
ban n1 10s
      0.00 n1 flags of 1: none > BANNED
      0.00 n1 RUNNING, recovery ACTIVE, generation invalid map 0,1,2
      0.00 ctdb: done
      0.00 x.tdb b (lmaster n2): n0 6/0 MIGRATED "new" | n1 (inactive) 3/0 MIGRATED "old" | n2 3/0 MIGRATED "old"
until recovered
      0.00 n2>n0 REPLY_CONTROL status 0 0 bytes to DB_TRANSACTION_COMMIT
      0.09 n1>n0 REPLY_CONTROL status -1 0 bytes "this node is stopped or banned" to DB_TRANSACTION_COMMIT
      0.90 n0 flags of 1: none > BANNED
      0.90 n2 flags of 1: none > BANNED
      1.20 n0 RUNNING, recovery ACTIVE, generation g3 map 0,2
      1.21 n2 RUNNING, recovery ACTIVE, generation g3 map 0,2
      1.21 n0>n2 REQ_CONTROL DB_TRANSACTION_COMMIT 8 bytes
      1.21 n2>n0 REPLY_CONTROL status 0 0 bytes to DB_TRANSACTION_COMMIT
      1.21 n0>n2 REQ_CONTROL DB_THAW 4 bytes
      1.21 n2>n0 REPLY_CONTROL status 0 0 bytes to DB_THAW
      1.24 n0 RUNNING, recovery NORMAL, generation g3 map 0,2
      1.24 n2 RUNNING, recovery NORMAL, generation g3 map 0,2
      1.45 so it is
      1.45 x.tdb b (lmaster n2): n0 7/0 MIGRATED "new" | n1 (inactive) 3/0 MIGRATED "old" | n2 6/0 MIGRATED "new"
slow n0 n1 1ms
expect value x.tdb b new
a: put x.tdb b newer
      0.00 a: done
      0.00 x.tdb b (lmaster n2): n0 7/0 MIGRATED "newer" | n1 (inactive) 3/0 MIGRATED "old" | n2 6/0 MIGRATED "new"
until healthy within 60s
      8.54 n1 flags of 1: BANNED > none
      9.00 n0 flags of 1: BANNED > none
      9.00 n2 flags of 1: BANNED > none
      9.01 n0 RUNNING, recovery ACTIVE, generation g3 map 0,2
      9.01 n2 RUNNING, recovery ACTIVE, generation g3 map 0,2
      9.01 n0 RUNNING, recovery ACTIVE, generation g4 map 0,1,2
      9.01 n2 RUNNING, recovery ACTIVE, generation g4 map 0,1,2
      9.01 n1 RUNNING, recovery ACTIVE, generation g4 map 0,1,2
      9.03 n0>n1 REQ_CONTROL DB_TRANSACTION_COMMIT 8 bytes
      9.03 n0>n2 REQ_CONTROL DB_TRANSACTION_COMMIT 8 bytes
      9.03 n2>n0 REPLY_CONTROL status 0 0 bytes to DB_TRANSACTION_COMMIT
      9.03 n1>n0 REPLY_CONTROL status 0 0 bytes to DB_TRANSACTION_COMMIT
      9.03 n0>n1 REQ_CONTROL DB_THAW 4 bytes
      9.03 n0>n2 REQ_CONTROL DB_THAW 4 bytes
      9.03 n2>n0 REPLY_CONTROL status 0 0 bytes to DB_THAW
      9.03 n1>n0 REPLY_CONTROL status 0 0 bytes to DB_THAW
      9.06 n0 RUNNING, recovery NORMAL, generation g4 map 0,1,2
      9.06 n2 RUNNING, recovery NORMAL, generation g4 map 0,1,2
      9.06 n1 RUNNING, recovery NORMAL, generation g4 map 0,1,2
      9.07 so it is
      9.07 x.tdb b (lmaster n2): n0 8/0 MIGRATED "newer" | n1 7/0 MIGRATED "newer" | n2 7/0 MIGRATED "newer"
expect value x.tdb b newer
b: read x.tdb b
      0.00 b: "newer"
      0.00 x.tdb b (lmaster n2): n0 8/1 MIGRATED "newer" | n1 10/1 MIGRATED "newer" | n2 8/1 MIGRATED "newer"
expect said /"newer"/
