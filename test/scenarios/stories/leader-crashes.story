# The leader's machine goes without a word. Its cluster lock is free after 5 s, and the others miss its broadcasts after 5 s. But they go
# on only when they know that the node is dead, after 25 to 30 s: until then it could be at work.
cluster 3 VacuumInterval=600
client b n1
b: attach x.tdb
      0.00 b: done
b: put x.tdb b one
      0.00 b: done
show cluster-lock
show states
crash n0
until in-recovery n1 within 6s
      4.99 n1 RUNNING, recovery ACTIVE, generation g1 map 0,1,2
      4.99 so it is
until cluster-lock none within 6s
      0.00 n2 RUNNING, recovery ACTIVE, generation g1 map 0,1,2
      0.00 n0 cluster lock is free
      0.00 so it is
run 5s
expect value x.tdb b one
until healthy within 20s
     17.53 n1 flags of 0: none > DISCONNECTED UNHEALTHY
     17.53 n2 flags of 0: none > DISCONNECTED UNHEALTHY
     17.57 n1 holds the cluster lock
     17.57 n1 RUNNING, recovery ACTIVE, generation g2 map 1,2
     17.57 n2 RUNNING, recovery ACTIVE, generation g2 map 1,2
     17.61 n1 RUNNING, recovery NORMAL, generation g2 map 1,2
     17.61 n2 RUNNING, recovery NORMAL, generation g2 map 1,2
     17.61 so it is
b: put x.tdb b two
      0.00 b: done
restart n0
until healthy
      0.00 n0 INIT, recovery ACTIVE, generation invalid map 0,1,2
      0.00 n0 SETUP, recovery ACTIVE, generation invalid map 0,1,2
      0.00 n0 FIRST_RECOVERY, recovery ACTIVE, generation invalid map 0,1,2
      0.91 n0 flags of 1: DISCONNECTED UNHEALTHY > UNHEALTHY
      0.91 n0 flags of 2: DISCONNECTED UNHEALTHY > UNHEALTHY
      0.91 n1 flags of 0: DISCONNECTED UNHEALTHY > UNHEALTHY
      0.91 n2 flags of 0: DISCONNECTED UNHEALTHY > UNHEALTHY
      0.92 n0 flags of 1: UNHEALTHY > none
      0.92 n0 flags of 2: UNHEALTHY > none
      0.92 n1 RUNNING, recovery ACTIVE, generation g2 map 1,2
      0.92 n2 RUNNING, recovery ACTIVE, generation g2 map 1,2
      0.92 n1 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
      0.92 n0 FIRST_RECOVERY, recovery ACTIVE, generation g3 map 0,1,2
      0.92 n2 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
      0.96 n1 RUNNING, recovery NORMAL, generation g3 map 0,1,2
      0.96 n0 FIRST_RECOVERY, recovery NORMAL, generation g3 map 0,1,2
      0.96 n2 RUNNING, recovery NORMAL, generation g3 map 0,1,2
      0.96 n0 STARTUP, recovery NORMAL, generation g3 map 0,1,2
      0.96 n0 RUNNING, recovery NORMAL, generation g3 map 0,1,2
      0.96 n0 flags of 0: UNHEALTHY > none
      0.96 n1 flags of 0: UNHEALTHY > none
      0.96 n2 flags of 0: UNHEALTHY > none
      0.96 so it is
expect value x.tdb b two
