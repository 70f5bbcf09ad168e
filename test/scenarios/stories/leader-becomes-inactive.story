# A leader that is stopped or banned gives the cluster lock away at once, and does not take it while it is inactive.
cluster 3 VacuumInterval=600
client b n1
b: attach x.tdb
      0.00 b: done
b: put x.tdb b one
      0.00 b: done
show cluster-lock
show log /leader=|lection|anned|Banning/
stop leader
      0.00 ctdb: done
until recovered
      0.00 n0 ctdb-clusterd Start election
      0.00 n0 cluster lock is free
      0.03 n1 holds the cluster lock
      0.03 n1 ctdb-clusterd Took cluster lock, leader=1
      0.03 n0 ctdb-clusterd Received leader broadcast, leader=1
      0.03 n2 ctdb-clusterd Received leader broadcast, leader=1
      0.08 so it is
expect value x.tdb b one
continue n0
      0.00 ctdb: done
until healthy
      0.04 so it is

ban leader 10s
      0.00 n1 ctdbd Banning this node for 10 seconds
      0.00 ctdb: done
until recovered
      0.00 n1 ctdb-clusterd Start election
      0.00 n1 cluster lock is free
      0.03 n0 holds the cluster lock
      0.03 n0 ctdb-clusterd Took cluster lock, leader=0
      0.03 n1 ctdb-clusterd Received leader broadcast, leader=0
      0.03 n2 ctdb-clusterd Received leader broadcast, leader=0
      0.08 so it is
expect value x.tdb b one
until healthy
      9.91 n1 ctdbd Banning timed out
     10.04 so it is
run 1s

# All of them: nobody is leader. They look again after each leader timeout, and not more often.
hide
stop n0
      0.00 ctdb: done
stop n1
      0.00 ctdb: done
stop n2
      0.00 ctdb: done
run 30s
expect leader none
expect lines /Start election/ at-most 20
continue n1
      0.00 ctdb: done
until recovered
      0.08 so it is
continue n0
      0.00 ctdb: done
continue n2
      0.00 ctdb: done
until healthy
      0.04 so it is
