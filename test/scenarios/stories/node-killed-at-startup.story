# A node dies while it comes up, in each run state, and while the recovery includes it. The others are not held up.
cluster 3 VacuumInterval=600 RerecoveryTimeout=1
client a n0
a: attach x.tdb
      0.00 a: done
a: put x.tdb b one
      0.00 a: done
kill n2
until healthy
      0.04 so it is
show states
start n2
until line /n2 state run state 2/
      0.00 n2 INIT, recovery ACTIVE, generation invalid map 0,1,2
      0.00 n2 SETUP, recovery ACTIVE, generation invalid map 0,1,2
      0.00 n2 FIRST_RECOVERY, recovery ACTIVE, generation invalid map 0,1,2
kill n2
run 5s
start n2
until line /n2 state run state 3/
      0.00 n2 INIT, recovery ACTIVE, generation invalid map 0,1,2
      0.00 n2 SETUP, recovery ACTIVE, generation invalid map 0,1,2
      0.00 n2 FIRST_RECOVERY, recovery ACTIVE, generation invalid map 0,1,2
kill n2
run 5s
expect healthy
start n2
until line /n0>n2 packet REQ_CONTROL .* WIPE_DATABASE/
      0.00 n2 INIT, recovery ACTIVE, generation invalid map 0,1,2
      0.00 n2 SETUP, recovery ACTIVE, generation invalid map 0,1,2
      0.00 n2 FIRST_RECOVERY, recovery ACTIVE, generation invalid map 0,1,2
      0.00 n2 flags of 0: DISCONNECTED UNHEALTHY > UNHEALTHY
      0.00 n2 flags of 1: DISCONNECTED UNHEALTHY > UNHEALTHY
      0.00 n0 flags of 2: DISCONNECTED UNHEALTHY > UNHEALTHY
      0.00 n1 flags of 2: DISCONNECTED UNHEALTHY > UNHEALTHY
      0.00 n2 flags of 0: UNHEALTHY > none
      0.00 n2 flags of 1: UNHEALTHY > none
      0.00 n0 RUNNING, recovery ACTIVE, generation g1 map 0,1
      0.00 n1 RUNNING, recovery ACTIVE, generation g1 map 0,1
      0.00 n0 RUNNING, recovery ACTIVE, generation g2 map 0,1,2
      0.00 n1 RUNNING, recovery ACTIVE, generation g2 map 0,1,2
      0.00 n2 FIRST_RECOVERY, recovery ACTIVE, generation g2 map 0,1,2
kill n2
until healthy
      0.00 n0 flags of 2: UNHEALTHY > DISCONNECTED UNHEALTHY
      0.00 n1 flags of 2: UNHEALTHY > DISCONNECTED UNHEALTHY
      0.01 n0 RUNNING, recovery ACTIVE, generation g3 map 0,1
      0.01 n1 RUNNING, recovery ACTIVE, generation g3 map 0,1
      0.05 n0 RUNNING, recovery NORMAL, generation g3 map 0,1
      0.05 n1 RUNNING, recovery NORMAL, generation g3 map 0,1
      0.05 so it is
expect value x.tdb b one
start n2
until line /n2 state run state 4/
      0.00 n2 INIT, recovery ACTIVE, generation invalid map 0,1,2
      0.00 n2 SETUP, recovery ACTIVE, generation invalid map 0,1,2
      0.00 n2 FIRST_RECOVERY, recovery ACTIVE, generation invalid map 0,1,2
      0.00 n2 flags of 0: DISCONNECTED UNHEALTHY > UNHEALTHY
      0.00 n2 flags of 1: DISCONNECTED UNHEALTHY > UNHEALTHY
      0.00 n0 flags of 2: DISCONNECTED UNHEALTHY > UNHEALTHY
      0.00 n1 flags of 2: DISCONNECTED UNHEALTHY > UNHEALTHY
      0.00 n2 flags of 0: UNHEALTHY > none
      0.00 n2 flags of 1: UNHEALTHY > none
      0.00 n0 RUNNING, recovery ACTIVE, generation g3 map 0,1
      0.00 n1 RUNNING, recovery ACTIVE, generation g3 map 0,1
      0.00 n0 RUNNING, recovery ACTIVE, generation g4 map 0,1,2
      0.00 n1 RUNNING, recovery ACTIVE, generation g4 map 0,1,2
      0.00 n2 FIRST_RECOVERY, recovery ACTIVE, generation g4 map 0,1,2
      0.04 n0 RUNNING, recovery NORMAL, generation g4 map 0,1,2
      0.04 n1 RUNNING, recovery NORMAL, generation g4 map 0,1,2
      0.04 n2 FIRST_RECOVERY, recovery NORMAL, generation g4 map 0,1,2
      0.04 n2 STARTUP, recovery NORMAL, generation g4 map 0,1,2
kill n2
until healthy
      0.00 n1 flags of 2: UNHEALTHY > DISCONNECTED UNHEALTHY
      0.00 n0 flags of 2: UNHEALTHY > DISCONNECTED UNHEALTHY
      0.00 n0 RUNNING, recovery ACTIVE, generation g4 map 0,1,2
      0.00 n1 RUNNING, recovery ACTIVE, generation g4 map 0,1,2
      0.00 n0 RUNNING, recovery ACTIVE, generation g5 map 0,1
      0.00 n1 RUNNING, recovery ACTIVE, generation g5 map 0,1
      0.04 n0 RUNNING, recovery NORMAL, generation g5 map 0,1
      0.04 n1 RUNNING, recovery NORMAL, generation g5 map 0,1
      0.04 so it is
hide
start n2
until healthy
      0.78 so it is
expect value x.tdb b one
