# The cluster manager of the leader stands still for 20 s with the cluster lock in its hands: nobody else can have it. When it goes on
# it is the leader again. After a stall, C's ctdbd once stayed without a leader for ever: an election had begun and never ended.
cluster 3 VacuumInterval=600
show cluster-lock
show log /lock|leader|lection|Recovery/
stall n0 20s
until leader none
      4106.6 n2 ctdb-clusterd Start election
      4106.6 n1 ctdb-clusterd Start election
      4106.6 n2 ctdbd Recovery mode set to ACTIVE
      4106.6 n1 ctdbd Recovery mode set to ACTIVE
      4106.7 n0 ctdbd Recovery mode set to ACTIVE
      4106.8 n2 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      4106.8 so it is
run 10s
         0.0 n1 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
        28.2 n1 ctdb-clusterd Unable to take cluster lock - contention
        52.7 n2 ctdb-clusterd Unable to take cluster lock - contention
       128.2 n1 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
       140.9 n1 ctdb-clusterd Unable to take cluster lock - contention
       152.7 n2 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
       172.7 n2 ctdb-clusterd Unable to take cluster lock - contention
       340.9 n1 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
       367.6 n1 ctdb-clusterd Unable to take cluster lock - contention
       372.7 n2 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
       381.5 n2 ctdb-clusterd Unable to take cluster lock - contention
       767.6 n1 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
       781.5 n2 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
       809.8 n2 ctdb-clusterd Unable to take cluster lock - contention
       812.3 n1 ctdb-clusterd Unable to take cluster lock - contention
      1609.8 n2 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      1612.3 n1 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      1652.6 n2 ctdb-clusterd Unable to take cluster lock - contention
      1657.9 n1 ctdb-clusterd Unable to take cluster lock - contention
      3252.6 n2 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      3257.9 n1 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      3288.9 n2 ctdb-clusterd Unable to take cluster lock - contention
      3316.0 n1 ctdb-clusterd Unable to take cluster lock - contention
      6488.9 n2 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      6516.0 n1 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      6516.5 n2 ctdb-clusterd Unable to take cluster lock - contention
      6567.2 n1 ctdb-clusterd Unable to take cluster lock - contention
expect cluster-lock n0
until leader n0
      1516.5 n2 ctdb-clusterd Start election
      1516.8 n2 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      1533.6 n2 ctdb-clusterd Unable to take cluster lock - contention
      1567.2 n1 ctdb-clusterd Start election
      1567.4 n1 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      1619.9 n1 ctdb-clusterd Unable to take cluster lock - contention
      1633.6 n2 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      1645.2 n2 ctdb-clusterd Unable to take cluster lock - contention
      1719.9 n1 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      1754.5 n1 ctdb-clusterd Unable to take cluster lock - contention
      1845.2 n2 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      1864.5 n2 ctdb-clusterd Unable to take cluster lock - contention
      1954.5 n1 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      1986.6 n1 ctdb-clusterd Unable to take cluster lock - contention
      2264.5 n2 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      2281.9 n2 ctdb-clusterd Unable to take cluster lock - contention
      2386.6 n1 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      2435.7 n1 ctdb-clusterd Unable to take cluster lock - contention
      3081.9 n2 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      3096.8 n2 ctdb-clusterd Unable to take cluster lock - contention
      3235.7 n1 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      3282.7 n1 ctdb-clusterd Unable to take cluster lock - contention
      4696.8 n2 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      4727.0 n2 ctdb-clusterd Unable to take cluster lock - contention
      4882.7 n1 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      4912.4 n1 ctdb-clusterd Unable to take cluster lock - contention
      5893.3 n2 ctdb-clusterd Received leader broadcast, leader=0
      5893.4 n1 ctdb-clusterd Received leader broadcast, leader=0
      5893.4 so it is
until healthy
         0.8 n0 ctdb-clusterd Recovery initiated due to problem with node 0
         1.3 n0 ctdb-clusterd Recovery - updated flags
         2.1 n0 ctdbd Recovery has started
         2.2 n1 ctdbd Recovery has started
         2.2 n2 ctdbd Recovery has started
        21.8 n0 ctdbd Recovery mode set to NORMAL
        27.6 n2 ctdbd Recovery mode set to NORMAL
        38.0 n1 ctdbd Recovery mode set to NORMAL
        38.0 so it is
expect cluster-lock n0

# The same for the whole machine, for less than the others take to call it dead.
pause n0 12s
run 10s
      4962.0 n1 ctdb-clusterd Start election
      4962.0 n2 ctdb-clusterd Start election
      4962.0 n1 ctdbd Recovery mode set to ACTIVE
      4962.0 n2 ctdbd Recovery mode set to ACTIVE
expect cluster-lock n0
until healthy
      2000.0 n0 ctdbd Recovery mode set to ACTIVE
      2000.1 n0 ctdbd Recovery has finished
      2000.1 n1 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      2000.1 n2 ctdb-clusterd Attempting to take cluster lock (/clusterfs/.ctdb.lock)
      2000.1 n2 ctdb-clusterd Received leader broadcast, leader=0
      2000.2 n1 ctdb-clusterd Received leader broadcast, leader=0
      2000.2 n1 ctdbd Recovery has finished
      2000.2 n2 ctdbd Recovery has finished
      2000.3 n0 ctdb-clusterd Recovery failed: END_RECOVERY failed on node 0: control END_RECOVERY failed on node 0 with status -1
      2006.3 n0 ctdb-clusterd Recovery initiated due to problem with node 0
      2006.8 n0 ctdb-clusterd Recovery - updated flags
      2007.6 n0 ctdbd Recovery has started
      2007.7 n1 ctdbd Recovery has started
      2007.7 n2 ctdbd Recovery has started
      2013.6 n2 ctdb-clusterd Unable to take cluster lock - contention
      2027.9 n0 ctdbd Recovery mode set to NORMAL
      2030.9 n2 ctdbd Recovery mode set to NORMAL
      2051.2 n1 ctdb-clusterd Unable to take cluster lock - contention
      2067.3 n1 ctdbd Recovery mode set to NORMAL
      2067.3 so it is
expect leader n0
expect lines /SET_BAN_STATE/ 0
