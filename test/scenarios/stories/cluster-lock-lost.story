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
        27.8 n0 RUNNING, recovery ACTIVE, generation g2 map 0,1,2
        27.9 n1 RUNNING, recovery ACTIVE, generation g2 map 0,1,2
        27.9 n2 RUNNING, recovery ACTIVE, generation g2 map 0,1,2
        47.6 n0 RUNNING, recovery NORMAL, generation g2 map 0,1,2
        56.6 n1 RUNNING, recovery NORMAL, generation g2 map 0,1,2
        81.1 n2 RUNNING, recovery NORMAL, generation g2 map 0,1,2
        81.1 so it is
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
      4025.4 n2 ctdb-clusterd Start election
      4025.4 n1 ctdb-clusterd Start election
      4025.6 n2 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      4025.7 n1 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
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
        35.2 n1 RUNNING, recovery NORMAL, generation g3 map 0,1,2
        69.7 n0 RUNNING, recovery NORMAL, generation g3 map 0,1,2
        69.7 so it is
expect lines /SET_BAN_STATE/ 0

# The file system says no.
cluster-lock fail
cluster-lock lost
run 20s
         0.0 n0 ctdb-clusterd Cluster lock helper terminated
         0.0 n0 ctdb-clusterd Start election
         0.0 n0 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
         0.1 n1 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
         0.1 n2 RUNNING, recovery ACTIVE, generation g3 map 0,1,2
         0.3 n0 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
        12.2 n0 ctdb-clusterd Unable to take cluster lock - unknown error
        12.3 n2 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
        12.3 n1 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
        40.7 n2 ctdb-clusterd Unable to take cluster lock - unknown error
        57.0 n1 ctdb-clusterd Unable to take cluster lock - unknown error
       112.2 n0 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
       140.7 n2 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
       157.0 n1 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
       165.3 n0 ctdb-clusterd Unable to take cluster lock - unknown error
       183.4 n2 ctdb-clusterd Unable to take cluster lock - unknown error
       202.7 n1 ctdb-clusterd Unable to take cluster lock - unknown error
       365.3 n0 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
       383.4 n2 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
       396.1 n0 ctdb-clusterd Unable to take cluster lock - unknown error
       402.7 n1 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
       419.7 n2 ctdb-clusterd Unable to take cluster lock - unknown error
       460.7 n1 ctdb-clusterd Unable to take cluster lock - unknown error
       796.1 n0 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
       819.7 n2 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
       847.4 n2 ctdb-clusterd Unable to take cluster lock - unknown error
       854.0 n0 ctdb-clusterd Unable to take cluster lock - unknown error
       860.7 n1 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
       911.9 n1 ctdb-clusterd Unable to take cluster lock - unknown error
      1647.4 n2 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      1654.0 n0 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      1664.2 n2 ctdb-clusterd Unable to take cluster lock - unknown error
      1684.0 n0 ctdb-clusterd Unable to take cluster lock - unknown error
      1711.9 n1 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      1764.4 n1 ctdb-clusterd Unable to take cluster lock - unknown error
      3264.2 n2 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      3275.8 n2 ctdb-clusterd Unable to take cluster lock - unknown error
      3284.0 n0 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      3300.6 n0 ctdb-clusterd Unable to take cluster lock - unknown error
      3364.4 n1 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      3399.0 n1 ctdb-clusterd Unable to take cluster lock - unknown error
      6475.8 n2 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      6495.1 n2 ctdb-clusterd Unable to take cluster lock - unknown error
      6500.6 n0 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      6559.9 n0 ctdb-clusterd Unable to take cluster lock - unknown error
      6599.0 n1 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      6631.1 n1 ctdb-clusterd Unable to take cluster lock - unknown error
     11495.1 n2 ctdb-clusterd Start election
     11495.4 n2 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
     11512.7 n2 ctdb-clusterd Unable to take cluster lock - unknown error
     11559.9 n0 ctdb-clusterd Start election
     11560.1 n0 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
     11595.7 n0 ctdb-clusterd Unable to take cluster lock - unknown error
     11612.7 n2 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
     11627.7 n2 ctdb-clusterd Unable to take cluster lock - unknown error
     11631.1 n1 ctdb-clusterd Start election
     11631.3 n1 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
     11680.4 n1 ctdb-clusterd Unable to take cluster lock - unknown error
     11695.7 n0 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
     11706.6 n0 ctdb-clusterd Unable to take cluster lock - unknown error
     11780.4 n1 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
     11827.4 n1 ctdb-clusterd Unable to take cluster lock - unknown error
     11827.7 n2 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
     11857.9 n2 ctdb-clusterd Unable to take cluster lock - unknown error
     11906.6 n0 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
     11926.6 n0 ctdb-clusterd Unable to take cluster lock - unknown error
     12027.4 n1 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
     12057.1 n1 ctdb-clusterd Unable to take cluster lock - unknown error
     12257.9 n2 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
     12282.3 n2 ctdb-clusterd Unable to take cluster lock - unknown error
     12326.6 n0 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
     12342.6 n0 ctdb-clusterd Unable to take cluster lock - unknown error
     12457.1 n1 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
     12491.9 n1 ctdb-clusterd Unable to take cluster lock - unknown error
     13082.3 n2 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
     13095.7 n2 ctdb-clusterd Unable to take cluster lock - unknown error
     13142.6 n0 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
     13169.1 n0 ctdb-clusterd Unable to take cluster lock - unknown error
     13291.9 n1 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
     13343.0 n1 ctdb-clusterd Unable to take cluster lock - unknown error
     14695.7 n2 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
     14718.0 n2 ctdb-clusterd Unable to take cluster lock - unknown error
     14769.1 n0 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
     14790.0 n0 ctdb-clusterd Unable to take cluster lock - unknown error
     14943.0 n1 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
     15001.6 n1 ctdb-clusterd Unable to take cluster lock - unknown error
     17918.0 n2 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
     17974.6 n2 ctdb-clusterd Unable to take cluster lock - unknown error
     17990.0 n0 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
     18003.2 n0 ctdb-clusterd Unable to take cluster lock - unknown error
     18201.6 n1 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
     18247.1 n1 ctdb-clusterd Unable to take cluster lock - unknown error
expect leader none
cluster-lock normal
until healthy
      2974.6 n2 ctdb-clusterd Start election
      2974.8 n2 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      2993.7 n2 holds the cluster lock
      2993.7 n2 ctdb-clusterd Cluster lock taken successfully
      2993.7 n2 ctdb-clusterd Took cluster lock, leader=2
      2993.9 n1 ctdb-clusterd Received leader broadcast, leader=2
      2993.9 n0 ctdb-clusterd Received leader broadcast, leader=2
      3001.4 n2 RUNNING, recovery ACTIVE, generation g4 map 0,1,2
      3001.5 n0 RUNNING, recovery ACTIVE, generation g4 map 0,1,2
      3001.5 n1 RUNNING, recovery ACTIVE, generation g4 map 0,1,2
      3031.5 n0 RUNNING, recovery NORMAL, generation g4 map 0,1,2
      3055.4 n2 RUNNING, recovery NORMAL, generation g4 map 0,1,2
      3058.1 n1 RUNNING, recovery NORMAL, generation g4 map 0,1,2
      3058.1 so it is
expect lines /SET_BAN_STATE/ 0
