# n2 is cut off from the others. It has no cluster lock, so it cannot become leader and recover on its own: its records are out of
# reach there, and the majority goes on. When the network is whole again, what the majority wrote counts.
cluster 3 VacuumInterval=600 KeepaliveInterval=1 KeepaliveLimit=3
client a n0
client c n2
a: attach x.tdb
         0.3 a: done
c: attach x.tdb
         0.3 c: done
c: put x.tdb b one
         0.0 c: done
a: put x.tdb b two
         0.2 a: done
show states
show record x.tdb b
         0.0 x.tdb b (lmaster n2): n0 4/0 MIGRATED "two" | n2 2/0 MIGRATED "one"
show log /anned/
partition n0 n1 | n2
until recovered within 1s
         0.0 so it is
run 10s
      3046.7 n0 flags of 2: none > DISCONNECTED UNHEALTHY
      3048.8 n0 RUNNING, recovery ACTIVE, generation g1 map 0,1,2
      3048.9 n1 RUNNING, recovery ACTIVE, generation g1 map 0,1,2
      3049.5 n0 RUNNING, recovery ACTIVE, generation g2 map 0,1
      3049.6 n1 RUNNING, recovery ACTIVE, generation g2 map 0,1
      3071.3 n0 RUNNING, recovery NORMAL, generation g2 map 0,1
      3080.8 n1 RUNNING, recovery NORMAL, generation g2 map 0,1
      3658.3 n1 flags of 2: none > DISCONNECTED UNHEALTHY
      3658.3 n2 flags of 0: none > DISCONNECTED UNHEALTHY
      3658.3 n2 flags of 1: none > DISCONNECTED UNHEALTHY
      3758.4 n2 RUNNING, recovery ACTIVE, generation g1 map 0,1,2
     10000.0 x.tdb b (lmaster n1): n0 5/0 MIGRATED "two" | n1 4/0 MIGRATED "two" | n2 2/0 MIGRATED "one"
a: put x.tdb b three
         0.0 a: done
         0.0 x.tdb b (lmaster n1): n0 5/0 MIGRATED "three" | n1 4/0 MIGRATED "two" | n2 2/0 MIGRATED "one"
heal
until healthy within 90s
       658.4 n0 flags of 2: DISCONNECTED UNHEALTHY > UNHEALTHY
       658.5 n2 flags of 0: DISCONNECTED UNHEALTHY > UNHEALTHY
       658.5 n1 flags of 2: DISCONNECTED UNHEALTHY > UNHEALTHY
       658.5 n1 RUNNING, recovery ACTIVE, generation g2 map 0,1
       658.5 n2 flags of 1: DISCONNECTED UNHEALTHY > UNHEALTHY
       664.1 n0 flags of 2: UNHEALTHY > none
       664.2 n1 flags of 2: UNHEALTHY > none
       664.2 n2 flags of 0: UNHEALTHY > none
       664.2 n2 flags of 1: UNHEALTHY > none
       665.8 n0 RUNNING, recovery ACTIVE, generation g2 map 0,1
       666.5 n0 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
       666.6 n1 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
       666.6 n2 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
       682.5 n1 RUNNING, recovery NORMAL, generation g3 map 0,1,2
       686.6 n2 RUNNING, recovery NORMAL, generation g3 map 0,1,2
       689.0 n0 RUNNING, recovery NORMAL, generation g3 map 0,1,2
      1104.7 so it is
      1104.7 x.tdb b (lmaster n2): n0 6/0 MIGRATED "three" | n1 5/0 MIGRATED "three" | n2 5/0 MIGRATED "three"
run 1s
expect value x.tdb b three
c: read x.tdb b
         0.3 c: "three"
         0.3 x.tdb b (lmaster n2): n0 6/2 MIGRATED "three" | n1 5/0 MIGRATED "three" | n2 8/2 MIGRATED "three"
