# What recoveries cost: one for a stop, one for a continue, none for disable and enable; a ban ends by itself. Run state, recovery mode,
# map and flags of all nodes at each step.
cluster 3
show states
stop n2
         0.1 n2 flags of 2: none > STOPPED
         0.1 n2 RUNNING, recovery ACTIVE, generation invalid map 0,1,2
         0.1 ctdb: done
until recovered
         5.6 n0 flags of 2: none > STOPPED
         5.7 n1 flags of 2: none > STOPPED
         7.1 n0 RUNNING, recovery ACTIVE, generation g1 map 0,1,2
         7.2 n1 RUNNING, recovery ACTIVE, generation g1 map 0,1,2
         7.8 n0 RUNNING, recovery ACTIVE, generation g2 map 0,1
         7.9 n1 RUNNING, recovery ACTIVE, generation g2 map 0,1
        27.1 n0 RUNNING, recovery NORMAL, generation g2 map 0,1
        36.6 n1 RUNNING, recovery NORMAL, generation g2 map 0,1
        37.5 so it is
run 3s
continue n2
         0.1 n2 flags of 2: STOPPED > none
         0.1 ctdb: done
until healthy
         5.6 n0 flags of 2: STOPPED > none
         5.7 n1 flags of 2: STOPPED > none
         7.2 n0 RUNNING, recovery ACTIVE, generation g2 map 0,1
         7.3 n1 RUNNING, recovery ACTIVE, generation g2 map 0,1
         7.9 n0 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
         8.0 n1 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
         8.0 n2 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
        21.3 n1 RUNNING, recovery NORMAL, generation g3 map 0,1,2
        27.8 n0 RUNNING, recovery NORMAL, generation g3 map 0,1,2
        61.3 n2 RUNNING, recovery NORMAL, generation g3 map 0,1,2
        62.2 so it is
run 3s
disable n1
         0.1 n1 flags of 1: none > PERMANENTLY_DISABLED
         0.1 ctdb: done
run 5s
         5.6 n0 flags of 1: none > PERMANENTLY_DISABLED
         5.7 n2 flags of 1: none > PERMANENTLY_DISABLED
expect flags n1 PERMANENTLY_DISABLED
enable n1
         0.1 n1 flags of 1: PERMANENTLY_DISABLED > none
         0.1 ctdb: done
until healthy
        25.5 n0 flags of 1: PERMANENTLY_DISABLED > none
        25.6 n2 flags of 1: PERMANENTLY_DISABLED > none
        25.6 so it is
run 3s
ban n2 10s
         0.1 n2 flags of 2: none > BANNED
         0.1 n2 RUNNING, recovery ACTIVE, generation invalid map 0,1,2
         0.1 ctdb: done
until flags n2 BANNED
         0.0 so it is
run 5s
       979.8 n0 flags of 2: none > BANNED
       979.9 n1 flags of 2: none > BANNED
       981.4 n0 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
       981.5 n1 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
       982.1 n0 RUNNING, recovery ACTIVE, generation g4 map 0,1
       982.2 n1 RUNNING, recovery ACTIVE, generation g4 map 0,1
      1009.4 n1 RUNNING, recovery NORMAL, generation g4 map 0,1
      1024.2 n0 RUNNING, recovery NORMAL, generation g4 map 0,1
until healthy
      5000.0 n2 flags of 2: BANNED > none
      5030.7 n0 flags of 2: BANNED > none
      5030.8 n1 flags of 2: BANNED > none
      5032.4 n0 RUNNING, recovery ACTIVE, generation g4 map 0,1
      5032.5 n1 RUNNING, recovery ACTIVE, generation g4 map 0,1
      5033.0 n0 RUNNING, recovery ACTIVE, generation g5 map 0,1,2
      5033.1 n1 RUNNING, recovery ACTIVE, generation g5 map 0,1,2
      5033.1 n2 RUNNING, recovery ACTIVE, generation g5 map 0,1,2
      5053.7 n2 RUNNING, recovery NORMAL, generation g5 map 0,1,2
      5078.3 n1 RUNNING, recovery NORMAL, generation g5 map 0,1,2
      5094.9 n0 RUNNING, recovery NORMAL, generation g5 map 0,1,2
      5095.7 so it is
run 3s
expect flags n2 none
