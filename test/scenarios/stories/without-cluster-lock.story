# Without a cluster lock nothing stops two halves from having a leader each: one in each of them, no more. When they see each other again
# one of the two gives up, and a recovery makes one cluster of them: of two values of a record the one with the higher rsn is left.
cluster 4 no-cluster-lock VacuumInterval=600 KeepaliveInterval=1 KeepaliveLimit=3
client a n0
client c n2
a: attach x.tdb
      0.00 a: done
c: attach x.tdb
      0.00 c: done
a: put x.tdb b one
      0.00 a: done
c: put x.tdb b two
      0.00 c: done
show states
show log /leader=|lection/
show record x.tdb b
      0.00 x.tdb b (lmaster n1): n0 3/2 MIGRATED "one" | n1 3/2 MIGRATED "one" | n2 5/2 MIGRATED "two"
partition n0 n1 | n2 n3
run 20s
      3.96 n0 flags of 2: none > DISCONNECTED UNHEALTHY
      3.96 n0 flags of 3: none > DISCONNECTED UNHEALTHY
      3.96 n0 RUNNING, recovery ACTIVE, generation g1 map 0,1,2,3
      3.96 n1 RUNNING, recovery ACTIVE, generation g1 map 0,1,2,3
      3.96 n0 RUNNING, recovery ACTIVE, generation g2 map 0,1
      3.96 n1 RUNNING, recovery ACTIVE, generation g2 map 0,1
      3.97 n0 RUNNING, recovery NORMAL, generation g2 map 0,1
      3.97 n1 RUNNING, recovery NORMAL, generation g2 map 0,1
      3.99 n1 flags of 2: none > DISCONNECTED UNHEALTHY
      3.99 n1 flags of 3: none > DISCONNECTED UNHEALTHY
      3.99 n2 flags of 0: none > DISCONNECTED UNHEALTHY
      3.99 n2 flags of 1: none > DISCONNECTED UNHEALTHY
      3.99 n3 flags of 0: none > DISCONNECTED UNHEALTHY
      3.99 n3 flags of 1: none > DISCONNECTED UNHEALTHY
      4.09 n2 ctdb-clusterd Start election
      4.09 n3 ctdb-clusterd Start election
      4.09 n2 RUNNING, recovery ACTIVE, generation g1 map 0,1,2,3
      4.09 n3 RUNNING, recovery ACTIVE, generation g1 map 0,1,2,3
      4.14 n3 ctdb-clusterd Election period ended, leader=3
      4.15 n3 RUNNING, recovery ACTIVE, generation g3 map 2,3
      4.15 n2 RUNNING, recovery ACTIVE, generation g3 map 2,3
      4.16 n3 RUNNING, recovery NORMAL, generation g3 map 2,3
      4.16 n2 RUNNING, recovery NORMAL, generation g3 map 2,3
     20.00 x.tdb b (lmaster n1): n0 4/0 MIGRATED "one" | n1 3/0 MIGRATED "one" | n2 5/3 MIGRATED "two" | n3 6/3 MIGRATED "two"
a: put x.tdb b left
      0.00 a: done
      0.00 x.tdb b (lmaster n1): n0 4/0 MIGRATED "left" | n1 3/0 MIGRATED "one" | n2 5/3 MIGRATED "two" | n3 6/3 MIGRATED "two"
c: put x.tdb b right
      0.00 c: done
      0.00 x.tdb b (lmaster n1): n0 4/0 MIGRATED "left" | n1 3/0 MIGRATED "one" | n2 8/2 MIGRATED "right" | n3 6/2 MIGRATED "two"
c: put x.tdb b right-again
      0.00 c: done
      0.00 x.tdb b (lmaster n1): n0 4/0 MIGRATED "left" | n1 3/0 MIGRATED "one" | n2 8/2 MIGRATED "right-again" | n3 6/2 MIGRATED "two"
heal
until healthy within 60s
      0.99 n0 flags of 2: DISCONNECTED UNHEALTHY > UNHEALTHY
      0.99 n0 flags of 3: DISCONNECTED UNHEALTHY > UNHEALTHY
      0.99 n2 flags of 0: DISCONNECTED UNHEALTHY > UNHEALTHY
      0.99 n3 flags of 0: DISCONNECTED UNHEALTHY > UNHEALTHY
      0.99 n1 flags of 2: DISCONNECTED UNHEALTHY > UNHEALTHY
      0.99 n1 RUNNING, recovery ACTIVE, generation g2 map 0,1
      0.99 n2 flags of 1: DISCONNECTED UNHEALTHY > UNHEALTHY
      0.99 n3 flags of 1: DISCONNECTED UNHEALTHY > UNHEALTHY
      0.99 n1 flags of 3: DISCONNECTED UNHEALTHY > UNHEALTHY
      1.00 n0 flags of 2: UNHEALTHY > none
      1.00 n0 flags of 3: UNHEALTHY > none
      1.00 n3 flags of 0: UNHEALTHY > none
      1.00 n3 flags of 1: UNHEALTHY > none
      1.00 n1 flags of 2: UNHEALTHY > none
      1.00 n1 flags of 3: UNHEALTHY > none
      1.00 n2 flags of 0: UNHEALTHY > none
      1.00 n2 flags of 1: UNHEALTHY > none
      1.00 n0 RUNNING, recovery ACTIVE, generation g2 map 0,1
      1.00 n3 RUNNING, recovery ACTIVE, generation g3 map 2,3
      1.00 n2 RUNNING, recovery ACTIVE, generation g3 map 2,3
      1.00 n0 RUNNING, recovery ACTIVE, generation g4 map 0,1,2,3
      1.00 n3 RUNNING, recovery ACTIVE, generation g5 map 0,1,2,3
      1.00 n1 RUNNING, recovery ACTIVE, generation g4 map 0,1,2,3
      1.00 n2 RUNNING, recovery ACTIVE, generation g4 map 0,1,2,3
      1.00 n3 RUNNING, recovery ACTIVE, generation g4 map 0,1,2,3
      1.00 n0 RUNNING, recovery ACTIVE, generation g5 map 0,1,2,3
      1.00 n1 RUNNING, recovery ACTIVE, generation g5 map 0,1,2,3
      1.00 n2 RUNNING, recovery ACTIVE, generation g5 map 0,1,2,3
      1.03 n0 ctdb-clusterd Received leader broadcast, leader=3, while leading: election
      1.03 n0 ctdb-clusterd Start election
      1.03 n1 ctdb-clusterd Received leader broadcast, leader=3
      1.03 n0 ctdb-clusterd Election period ended, leader=0
      1.04 n0 RUNNING, recovery ACTIVE, generation g6 map 0,1,2,3
      1.04 n1 RUNNING, recovery ACTIVE, generation g6 map 0,1,2,3
      1.04 n2 RUNNING, recovery ACTIVE, generation g6 map 0,1,2,3
      1.04 n3 RUNNING, recovery ACTIVE, generation g6 map 0,1,2,3
      1.05 n0 RUNNING, recovery NORMAL, generation g6 map 0,1,2,3
      1.05 n1 RUNNING, recovery NORMAL, generation g6 map 0,1,2,3
      1.05 n2 RUNNING, recovery NORMAL, generation g6 map 0,1,2,3
      1.05 n3 RUNNING, recovery NORMAL, generation g6 map 0,1,2,3
      1.05 so it is
      1.05 x.tdb b (lmaster n1): n0 9/0 MIGRATED "right-again" | n1 8/0 MIGRATED "right-again" | n2 8/0 MIGRATED "right-again" | n3 8/0 MIGRATED "right-again"
run 3s
expect lines /SET_BAN_STATE/ 0
expect leader n0
expect value x.tdb b right-again
a: read x.tdb b
      0.00 a: "right-again"
expect said /"right-again"/
