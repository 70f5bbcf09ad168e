# The leader has lost the lock and does not know it for 5 s, the time between two looks of its helper. It stays the leader for so long,
# and gives up then.
cluster 3 VacuumInterval=600
client a n0
a: attach x.tdb
         0.3 a: done
a: put x.tdb a one
         0.2 a: done
show cluster-lock
show log /lock|leader|lection/
cluster-lock lost-unnoticed
run 3s
expect leader n0
recover n0
         0.1 ctdb: done
until leader none
      1999.9 n0 ctdb-clusterd Cluster lock helper terminated
      1999.9 n0 ctdb-clusterd Start election
      1999.9 so it is
until healthy within 90s
         0.3 n0 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
        19.0 n0 holds the cluster lock
        19.0 n0 ctdb-clusterd Cluster lock taken successfully
        19.0 n0 ctdb-clusterd Took cluster lock, leader=0
        84.1 so it is
expect value x.tdb a one
expect lines /SET_BAN_STATE/ 0
