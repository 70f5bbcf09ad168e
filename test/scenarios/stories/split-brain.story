# n2 is cut off from the others. It has no cluster lock, so it cannot become leader and recover on its own: its records are out of
# reach there, and the majority goes on. When the network is whole again, what the majority wrote counts.
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
show log /anned/
partition n0 n1 | n2
until recovered within 1s
      0.00 so it is
run 10s
      3.53 n1 flags of 2: none > DISCONNECTED UNHEALTHY
      3.53 n2 flags of 0: none > DISCONNECTED UNHEALTHY
      3.53 n2 flags of 1: none > DISCONNECTED UNHEALTHY
      3.63 n2 RUNNING, recovery ACTIVE, generation g1 map 0,1,2
      3.96 n0 flags of 2: none > DISCONNECTED UNHEALTHY
      3.96 n0 RUNNING, recovery ACTIVE, generation g1 map 0,1,2
      3.96 n1 RUNNING, recovery ACTIVE, generation g1 map 0,1,2
      3.96 n0 RUNNING, recovery ACTIVE, generation g2 map 0,1
      3.96 n1 RUNNING, recovery ACTIVE, generation g2 map 0,1
      4.00 n0 RUNNING, recovery NORMAL, generation g2 map 0,1
      4.00 n1 RUNNING, recovery NORMAL, generation g2 map 0,1
     10.00 x.tdb b (lmaster n1): n0 5/0 MIGRATED "two" | n1 4/0 MIGRATED "two" | n2 2/0 MIGRATED "one"
a: put x.tdb b three
      0.00 a: done
      0.00 x.tdb b (lmaster n1): n0 5/0 MIGRATED "three" | n1 4/0 MIGRATED "two" | n2 2/0 MIGRATED "one"
heal
until healthy within 90s
      0.53 n1 flags of 2: DISCONNECTED UNHEALTHY > UNHEALTHY
      0.53 n2 flags of 1: DISCONNECTED UNHEALTHY > UNHEALTHY
      0.96 n2 flags of 0: DISCONNECTED UNHEALTHY > UNHEALTHY
      0.96 n0 flags of 2: DISCONNECTED UNHEALTHY > UNHEALTHY
      0.97 n0 flags of 2: UNHEALTHY > none
      0.97 n1 flags of 2: UNHEALTHY > none
      0.97 n2 flags of 0: UNHEALTHY > none
      0.97 n2 flags of 1: UNHEALTHY > none
      0.97 n0 RUNNING, recovery ACTIVE, generation g2 map 0,1
      0.97 n1 RUNNING, recovery ACTIVE, generation g2 map 0,1
      0.97 n0 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
      0.97 n1 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
      0.97 n2 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
      1.01 n0 RUNNING, recovery NORMAL, generation g3 map 0,1,2
      1.01 n1 RUNNING, recovery NORMAL, generation g3 map 0,1,2
      1.01 n2 RUNNING, recovery NORMAL, generation g3 map 0,1,2
      1.01 so it is
      1.01 x.tdb b (lmaster n2): n0 6/0 MIGRATED "three" | n1 5/0 MIGRATED "three" | n2 5/0 MIGRATED "three"
run 1s
expect value x.tdb b three
c: read x.tdb b
      0.00 c: "three"
      0.00 x.tdb b (lmaster n2): n0 6/2 MIGRATED "three" | n1 5/0 MIGRATED "three" | n2 8/2 MIGRATED "three"
