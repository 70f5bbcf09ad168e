# The leader loses the cluster lock and notices it at once: it is no leader any more, and there is an election.
cluster 3 VacuumInterval=600
show cluster-lock
show states
show log /lock|leader|lection/
cluster-lock lost
until leader none
      0.00 n0 ctdb-clusterd Cluster lock helper terminated
      0.00 n0 ctdb-clusterd Start election
      0.00 so it is
until healthy
      0.00 n0 RUNNING, recovery ACTIVE, generation g1 map 0,1,2
      0.00 n1 RUNNING, recovery ACTIVE, generation g1 map 0,1,2
      0.00 n2 RUNNING, recovery ACTIVE, generation g1 map 0,1,2
      0.00 n0 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      0.03 n0 holds the cluster lock
      0.03 n0 ctdb-clusterd Cluster lock taken successfully
      0.03 n0 ctdb-clusterd Took cluster lock, leader=0
      0.04 n0 RUNNING, recovery ACTIVE, generation g2 map 0,1,2
      0.04 n1 RUNNING, recovery ACTIVE, generation g2 map 0,1,2
      0.04 n2 RUNNING, recovery ACTIVE, generation g2 map 0,1,2
      0.08 n0 RUNNING, recovery NORMAL, generation g2 map 0,1,2
      0.08 n1 RUNNING, recovery NORMAL, generation g2 map 0,1,2
      0.08 n2 RUNNING, recovery NORMAL, generation g2 map 0,1,2
      0.08 so it is
expect lines /SET_BAN_STATE/ 0

# The file system hangs: who has the lock keeps it, and when it is lost nobody can have it until the file system is back. No bans.
cluster-lock hang
run 30s
expect healthy
cluster-lock lost
run 20s
      0.00 n0 ctdb-clusterd Cluster lock helper terminated
      0.00 n0 ctdb-clusterd Start election
      0.00 n0 RUNNING, recovery ACTIVE, generation g2 map 0,1,2
      0.00 n1 RUNNING, recovery ACTIVE, generation g2 map 0,1,2
      0.00 n2 RUNNING, recovery ACTIVE, generation g2 map 0,1,2
      0.00 n0 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      4.91 n1 ctdb-clusterd Start election
      4.91 n2 ctdb-clusterd Start election
      4.91 n1 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      4.91 n2 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
expect leader none
cluster-lock normal
until healthy
      0.00 n0 holds the cluster lock
      0.00 n0 ctdb-clusterd Cluster lock taken successfully
      0.00 n0 ctdb-clusterd Took cluster lock, leader=0
      0.00 n1 ctdb-clusterd Unable to take cluster lock - contention
      0.00 n2 ctdb-clusterd Unable to take cluster lock - contention
      0.00 n0 ctdbd High RECLOCK latency 20.002700s for operation recd reclock
      0.00 n1 ctdb-clusterd Received leader broadcast, leader=0
      0.00 n2 ctdb-clusterd Received leader broadcast, leader=0
      0.00 n0 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
      0.00 n1 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
      0.00 n2 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
      0.04 n0 RUNNING, recovery NORMAL, generation g3 map 0,1,2
      0.04 n1 RUNNING, recovery NORMAL, generation g3 map 0,1,2
      0.04 n2 RUNNING, recovery NORMAL, generation g3 map 0,1,2
      0.04 so it is
expect lines /SET_BAN_STATE/ 0

# The file system says no. They try again, later and later, and begin anew with each election: no storm.
hide
show cluster-lock
show states
cluster-lock fail
cluster-lock lost
run 20s
      0.00 n0 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
      0.00 n1 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
      0.00 n2 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
expect leader none
expect lines /n0 ctdb-clusterd log Attempting/ at-most 20
cluster-lock normal
until healthy
      3.13 n0 holds the cluster lock
      3.14 n0 RUNNING, recovery ACTIVE, generation g4 map 0,1,2
      3.14 n1 RUNNING, recovery ACTIVE, generation g4 map 0,1,2
      3.14 n2 RUNNING, recovery ACTIVE, generation g4 map 0,1,2
      3.17 n0 RUNNING, recovery NORMAL, generation g4 map 0,1,2
      3.17 n1 RUNNING, recovery NORMAL, generation g4 map 0,1,2
      3.17 n2 RUNNING, recovery NORMAL, generation g4 map 0,1,2
      3.17 so it is
expect lines /SET_BAN_STATE/ 0
