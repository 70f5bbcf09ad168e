# Packets of n2 do not reach n0 any more, those of n0 reach n2. For n0 node n2 is dead after a while, and then it is so for both: a node
# is connected when both directions are. n0 has the cluster lock, so it is n2 that waits outside. It still sees n1, and its elections put
# n1 into recovery mode, as those of C's ctdbd do; the leader brings n1 back when the pause between two recoveries is over.
cluster 3 VacuumInterval=600 KeepaliveInterval=1 KeepaliveLimit=3
client a n0
client c n2
a: attach x.tdb
      0.00 a: done
c: attach x.tdb
      0.00 c: done
c: put x.tdb b one
      0.00 c: done
a: put x.tdb b two
      0.00 a: done
show states
show record x.tdb b
      0.00 x.tdb b (lmaster n2): n0 4/0 MIGRATED "two" | n2 2/0 MIGRATED "one"
block n2 n0
run 10s
      3.96 n0 flags of 2: none > DISCONNECTED UNHEALTHY
      3.96 n2 flags of 0: none > DISCONNECTED UNHEALTHY
      3.96 n0 RUNNING, recovery ACTIVE, generation g1 map 0,1,2
      3.96 n1 RUNNING, recovery ACTIVE, generation g1 map 0,1,2
      3.96 n0 RUNNING, recovery ACTIVE, generation g2 map 0,1
      3.96 n1 RUNNING, recovery ACTIVE, generation g2 map 0,1
      4.00 n0 RUNNING, recovery NORMAL, generation g2 map 0,1
      4.00 n1 RUNNING, recovery NORMAL, generation g2 map 0,1
      4.06 n2 RUNNING, recovery ACTIVE, generation g1 map 0,1,2
      4.06 n1 RUNNING, recovery ACTIVE, generation g2 map 0,1
     10.00 x.tdb b (lmaster n1): n0 5/0 MIGRATED "two" | n1 4/0 MIGRATED "two" | n2 2/0 MIGRATED "one"
a: put x.tdb b three
      0.00 a: done
      0.00 x.tdb b (lmaster n1): n0 5/0 MIGRATED "three" | n1 4/0 MIGRATED "two" | n2 2/0 MIGRATED "one"
unblock n2 n0
until healthy within 90s
      0.96 n0 flags of 2: DISCONNECTED UNHEALTHY > UNHEALTHY
      0.96 n2 flags of 0: DISCONNECTED UNHEALTHY > UNHEALTHY
      0.97 n0 flags of 2: UNHEALTHY > none
      0.97 n2 flags of 0: UNHEALTHY > none
      0.97 n0 RUNNING, recovery ACTIVE, generation g2 map 0,1
      0.97 n0 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
      0.97 n1 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
      0.97 n2 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
      1.01 n0 RUNNING, recovery NORMAL, generation g3 map 0,1,2
      1.01 n1 RUNNING, recovery NORMAL, generation g3 map 0,1,2
      1.01 n2 RUNNING, recovery NORMAL, generation g3 map 0,1,2
      1.01 so it is
      1.01 x.tdb b (lmaster n2): n0 6/0 MIGRATED "three" | n1 5/0 MIGRATED "three" | n2 5/0 MIGRATED "three"
expect value x.tdb b three
c: read x.tdb b
      0.00 c: "three"
      0.00 x.tdb b (lmaster n2): n0 6/2 MIGRATED "three" | n1 5/0 MIGRATED "three" | n2 8/2 MIGRATED "three"
expect lines /SET_BAN_STATE/ 0
