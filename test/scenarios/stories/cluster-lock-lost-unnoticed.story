# The leader has lost the lock and does not know it for 5 s, the time between two looks of its helper. It stays the leader for so long,
# and gives up then.
cluster 3 VacuumInterval=600
client a n0
a: attach x.tdb
      0.00 a: done
a: put x.tdb a one
      0.00 a: done
show cluster-lock
show log /lock|leader|lection/
cluster-lock lost-unnoticed
run 3s
expect leader n0
recover n0
      0.00 ctdb: done
until leader none
      1.99 n0 ctdb-clusterd Cluster lock helper terminated
      1.99 n0 ctdb-clusterd Start election
      1.99 so it is
until healthy within 90s
      0.00 n0 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      0.03 n0 holds the cluster lock
      0.03 n0 ctdb-clusterd Cluster lock taken successfully
      0.03 n0 ctdb-clusterd Took cluster lock, leader=0
      0.08 so it is
expect value x.tdb a one
expect lines /SET_BAN_STATE/ 0
