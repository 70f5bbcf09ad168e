# What recoveries cost: one for a stop, one for a continue, none for disable and enable; a ban ends by itself. Run state, recovery mode,
# map and flags of all nodes at each step.
cluster 3
show states
stop n2
      0.00 n2 flags of 2: none > STOPPED
      0.00 n2 RUNNING, recovery ACTIVE, generation invalid map 0,1,2
      0.00 ctdb: done
until recovered
      0.60 n0 flags of 2: none > STOPPED
      0.60 n1 flags of 2: none > STOPPED
      0.60 n0 RUNNING, recovery ACTIVE, generation g1 map 0,1,2
      0.60 n1 RUNNING, recovery ACTIVE, generation g1 map 0,1,2
      0.60 n0 RUNNING, recovery ACTIVE, generation g2 map 0,1
      0.60 n1 RUNNING, recovery ACTIVE, generation g2 map 0,1
      0.64 n0 RUNNING, recovery NORMAL, generation g2 map 0,1
      0.64 n1 RUNNING, recovery NORMAL, generation g2 map 0,1
      0.64 so it is
run 3s
continue n2
      0.00 n2 flags of 2: STOPPED > none
      0.00 ctdb: done
until healthy
      0.00 n0 flags of 2: STOPPED > none
      0.00 n1 flags of 2: STOPPED > none
      0.00 n0 RUNNING, recovery ACTIVE, generation g2 map 0,1
      0.00 n1 RUNNING, recovery ACTIVE, generation g2 map 0,1
      0.00 n0 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
      0.00 n1 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
      0.00 n2 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
      0.04 n0 RUNNING, recovery NORMAL, generation g3 map 0,1,2
      0.04 n1 RUNNING, recovery NORMAL, generation g3 map 0,1,2
      0.04 n2 RUNNING, recovery NORMAL, generation g3 map 0,1,2
      0.04 so it is
run 3s
disable n1
      0.00 n1 flags of 1: none > PERMANENTLY_DISABLED
      0.00 ctdb: done
run 5s
      0.00 n0 flags of 1: none > PERMANENTLY_DISABLED
      0.00 n2 flags of 1: none > PERMANENTLY_DISABLED
expect flags n1 PERMANENTLY_DISABLED
enable n1
      0.00 n1 flags of 1: PERMANENTLY_DISABLED > none
      0.00 ctdb: done
until healthy
      0.02 n0 flags of 1: PERMANENTLY_DISABLED > none
      0.02 n2 flags of 1: PERMANENTLY_DISABLED > none
      0.02 so it is
run 3s
ban n2 10s
      0.00 n2 flags of 2: none > BANNED
      0.00 n2 RUNNING, recovery ACTIVE, generation invalid map 0,1,2
      0.00 ctdb: done
until flags n2 BANNED
      0.00 so it is
run 5s
      0.97 n0 flags of 2: none > BANNED
      0.97 n1 flags of 2: none > BANNED
      0.98 n0 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
      0.98 n1 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
      0.98 n0 RUNNING, recovery ACTIVE, generation g4 map 0,1
      0.98 n1 RUNNING, recovery ACTIVE, generation g4 map 0,1
      1.01 n0 RUNNING, recovery NORMAL, generation g4 map 0,1
      1.01 n1 RUNNING, recovery NORMAL, generation g4 map 0,1
until healthy
      4.99 n2 flags of 2: BANNED > none
      5.02 n0 flags of 2: BANNED > none
      5.02 n1 flags of 2: BANNED > none
      5.02 n0 RUNNING, recovery ACTIVE, generation g4 map 0,1
      5.02 n1 RUNNING, recovery ACTIVE, generation g4 map 0,1
      5.02 n0 RUNNING, recovery ACTIVE, generation g5 map 0,1,2
      5.02 n1 RUNNING, recovery ACTIVE, generation g5 map 0,1,2
      5.02 n2 RUNNING, recovery ACTIVE, generation g5 map 0,1,2
      5.06 n0 RUNNING, recovery NORMAL, generation g5 map 0,1,2
      5.06 n1 RUNNING, recovery NORMAL, generation g5 map 0,1,2
      5.06 n2 RUNNING, recovery NORMAL, generation g5 map 0,1,2
      5.06 so it is
run 3s
expect flags n2 none
