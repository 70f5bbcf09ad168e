# As the zombie record, with a banned node that owns the record and has its highest rsn: what it had is lost, and the value before counts.
cluster 3 VacuumInterval=600
client a n0
client c n2
a: attach x.tdb
      0.00 a: done
c: attach x.tdb
      0.00 c: done
a: put x.tdb b first
      0.00 a: done
c: put x.tdb b second
      0.00 c: done
show record x.tdb b
      0.00 x.tdb b (lmaster n2): n0 3/2 MIGRATED "first" | n2 5/2 MIGRATED "second"
show states
run 1s
ban n2 15s
      0.00 n2 flags of 2: none > BANNED
      0.00 n2 RUNNING, recovery ACTIVE, generation invalid map 0,1,2
      0.00 ctdb: done
      0.00 x.tdb b (lmaster n2): n0 3/2 MIGRATED "first" | n2 (inactive) 5/2 MIGRATED "second"
until recovered
      0.60 n0 flags of 2: none > BANNED
      0.60 n1 flags of 2: none > BANNED
      0.60 n0 RUNNING, recovery ACTIVE, generation g1 map 0,1,2
      0.60 n1 RUNNING, recovery ACTIVE, generation g1 map 0,1,2
      0.60 n0 RUNNING, recovery ACTIVE, generation g2 map 0,1
      0.60 n1 RUNNING, recovery ACTIVE, generation g2 map 0,1
      0.64 n0 RUNNING, recovery NORMAL, generation g2 map 0,1
      0.64 n1 RUNNING, recovery NORMAL, generation g2 map 0,1
      0.64 so it is
      0.64 x.tdb b (lmaster n1): n0 4/0 MIGRATED "first" | n1 3/0 MIGRATED "first" | n2 (inactive) 5/2 MIGRATED "second"
expect value x.tdb b first
expect flags n2 BANNED
a: put x.tdb b third
      0.00 a: done
      0.00 x.tdb b (lmaster n1): n0 4/0 MIGRATED "third" | n1 3/0 MIGRATED "first" | n2 (inactive) 5/2 MIGRATED "second"
until healthy
     14.35 n2 flags of 2: BANNED > none
     15.00 n0 flags of 2: BANNED > none
     15.00 n1 flags of 2: BANNED > none
     15.00 n0 RUNNING, recovery ACTIVE, generation g2 map 0,1
     15.00 n1 RUNNING, recovery ACTIVE, generation g2 map 0,1
     15.00 n0 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
     15.00 n1 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
     15.00 n2 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
     15.04 n0 RUNNING, recovery NORMAL, generation g3 map 0,1,2
     15.04 n1 RUNNING, recovery NORMAL, generation g3 map 0,1,2
     15.04 n2 RUNNING, recovery NORMAL, generation g3 map 0,1,2
     15.04 so it is
     15.04 x.tdb b (lmaster n2): n0 5/0 MIGRATED "third" | n1 4/0 MIGRATED "third" | n2 4/0 MIGRATED "third"
expect value x.tdb b third
c: read x.tdb b
      0.00 c: "third"
      0.00 x.tdb b (lmaster n2): n0 5/2 MIGRATED "third" | n1 4/0 MIGRATED "third" | n2 7/2 MIGRATED "third"
