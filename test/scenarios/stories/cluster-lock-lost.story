# The leader loses the cluster lock and notices it at once: it is no leader any more, and there is an election.
cluster 3 VacuumInterval=600
show cluster-lock
show states
show log /lock|leader|lection/
cluster-lock lost
until leader none
         0.0 n0 ctdb-clusterd Cluster lock helper terminated
         0.0 n0 ctdb-clusterd Start election
         0.0 so it is
until healthy
         0.0 n0 RUNNING, recovery ACTIVE, generation g1 map 0,1,2
         0.1 n1 RUNNING, recovery ACTIVE, generation g1 map 0,1,2
         0.1 n2 RUNNING, recovery ACTIVE, generation g1 map 0,1,2
         0.3 n0 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
        18.9 n0 holds the cluster lock
        19.0 n0 ctdb-clusterd Cluster lock taken successfully
        19.0 n0 ctdb-clusterd Took cluster lock, leader=0
        27.7 n0 RUNNING, recovery ACTIVE, generation g2 map 0,1,2
        27.8 n1 RUNNING, recovery ACTIVE, generation g2 map 0,1,2
        27.8 n2 RUNNING, recovery ACTIVE, generation g2 map 0,1,2
        47.5 n0 RUNNING, recovery NORMAL, generation g2 map 0,1,2
        56.5 n1 RUNNING, recovery NORMAL, generation g2 map 0,1,2
        81.1 n2 RUNNING, recovery NORMAL, generation g2 map 0,1,2
        82.0 so it is
expect lines /SET_BAN_STATE/ 0

# The file system hangs: who has the lock keeps it, and when it is lost nobody can have it until the file system is back. No bans.
cluster-lock hang
run 30s
expect healthy
cluster-lock lost
run 20s
         0.0 n0 ctdb-clusterd Cluster lock helper terminated
         0.0 n0 ctdb-clusterd Start election
         0.0 n0 RUNNING, recovery ACTIVE, generation g2 map 0,1,2
         0.1 n1 RUNNING, recovery ACTIVE, generation g2 map 0,1,2
         0.1 n2 RUNNING, recovery ACTIVE, generation g2 map 0,1,2
         0.3 n0 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      4023.6 n2 ctdb-clusterd Start election
      4023.6 n1 ctdb-clusterd Start election
      4023.8 n2 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      4023.9 n1 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
expect leader none
cluster-lock normal
until healthy
         3.0 n0 holds the cluster lock
         3.0 n0 ctdb-clusterd Cluster lock taken successfully
         3.0 n0 ctdb-clusterd Took cluster lock, leader=0
         3.0 n1 ctdb-clusterd Unable to take cluster lock - contention
         3.0 n2 ctdb-clusterd Unable to take cluster lock - contention
         3.1 n0 ctdbd High RECLOCK latency 20.002760s for operation recd reclock
         3.2 n2 ctdb-clusterd Received leader broadcast, leader=0
         3.2 n1 ctdb-clusterd Received leader broadcast, leader=0
         7.8 n0 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
         7.9 n1 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
         7.9 n2 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
        17.2 n2 RUNNING, recovery NORMAL, generation g3 map 0,1,2
        35.1 n1 RUNNING, recovery NORMAL, generation g3 map 0,1,2
        69.7 n0 RUNNING, recovery NORMAL, generation g3 map 0,1,2
        70.4 so it is
expect lines /SET_BAN_STATE/ 0

# The file system says no. They try again, later and later, and begin anew with each election: no storm.
hide
show cluster-lock
show states
cluster-lock fail
cluster-lock lost
run 20s
         0.1 n0 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
         0.2 n1 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
         0.2 n2 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
expect leader none
expect lines /n0 ctdb-clusterd log Attempting/ at-most 20
cluster-lock normal
until healthy
      2993.7 n2 holds the cluster lock
      3001.4 n2 RUNNING, recovery ACTIVE, generation g4 map 0,1,2
      3001.5 n0 RUNNING, recovery ACTIVE, generation g4 map 0,1,2
      3001.5 n1 RUNNING, recovery ACTIVE, generation g4 map 0,1,2
      3031.5 n0 RUNNING, recovery NORMAL, generation g4 map 0,1,2
      3055.4 n2 RUNNING, recovery NORMAL, generation g4 map 0,1,2
      3058.1 n1 RUNNING, recovery NORMAL, generation g4 map 0,1,2
      3059.0 so it is
expect lines /SET_BAN_STATE/ 0
