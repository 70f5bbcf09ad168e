# The cluster manager of the leader stands still for 20 s with the cluster lock in its hands: nobody else can have it. When it goes on
# it is the leader again. After a stall, C's ctdbd once stayed without a leader for ever: an election had begun and never ended.
cluster 3 VacuumInterval=600
show cluster-lock
show log /Start election|Took|leader=|Recovery (?:initiated|failed|complete)/
stall n0 20s
until leader none
      5.00 n1 ctdb-clusterd Start election
      5.00 n2 ctdb-clusterd Start election
      5.00 so it is
run 10s
expect cluster-lock n0
until leader n0
      1.54 n1 ctdb-clusterd Start election
      1.54 n2 ctdb-clusterd Start election
      4.99 n1 ctdb-clusterd Received leader broadcast, leader=0
      4.99 n2 ctdb-clusterd Received leader broadcast, leader=0
      4.99 so it is
until healthy
      0.00 n0 ctdb-clusterd Recovery initiated due to problem with node 0
      0.04 n0 ctdb-clusterd Recovery complete
      0.04 so it is
expect cluster-lock n0

# The same for the whole machine, for less than the others take to call it dead.
pause n0 12s
run 10s
      4.95 n1 ctdb-clusterd Start election
      4.95 n2 ctdb-clusterd Start election
expect cluster-lock n0
until healthy
      2.00 n1 ctdb-clusterd Received leader broadcast, leader=0
      2.00 n2 ctdb-clusterd Received leader broadcast, leader=0
      2.00 n0 ctdb-clusterd Recovery initiated due to problem with node 0
      2.04 n0 ctdb-clusterd Recovery complete
      2.04 so it is
expect leader n0
expect lines /SET_BAN_STATE/ 0
