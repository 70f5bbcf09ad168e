# The nodes list grows by n3 and then loses n2, which is shut down first, while the cluster works.
cluster 3 spare 1 VacuumInterval=600
client a n0
client c n2
a: attach x.tdb
      0.00 a: done
c: attach x.tdb
      0.00 c: done
c: attach p.tdb persistent
      0.00 c: done
a: put x.tdb a one
      0.00 a: done
c: put x.tdb b two
      0.00 c: done
a: put x.tdb b three
      0.00 a: done
c: transaction p.tdb k=v
      0.00 c: committed
show record x.tdb b
      0.00 x.tdb b (lmaster n2): n0 4/0 MIGRATED "three" | n2 2/0 MIGRATED "two"
show states
nodes-list n0 n1 n2 n3
reload n0
      0.00 ctdb: done
reload n1
      0.00 ctdb: done
reload n2
      0.00 ctdb: done
start n3
until line /END_RECOVERY/
      0.00 n3 INIT, recovery ACTIVE, generation invalid map 0,1,2,3
      0.00 n3 SETUP, recovery ACTIVE, generation invalid map 0,1,2,3
      0.00 n3 FIRST_RECOVERY, recovery ACTIVE, generation invalid map 0,1,2,3
      0.00 n2 flags of 3: DISCONNECTED UNHEALTHY > UNHEALTHY
      0.00 n3 flags of 2: DISCONNECTED UNHEALTHY > UNHEALTHY
      0.00 n3 flags of 0: DISCONNECTED UNHEALTHY > UNHEALTHY
      0.00 n3 flags of 1: DISCONNECTED UNHEALTHY > UNHEALTHY
      0.00 n0 flags of 3: DISCONNECTED UNHEALTHY > UNHEALTHY
      0.00 n1 flags of 3: DISCONNECTED UNHEALTHY > UNHEALTHY
      0.00 n3 flags of 0: UNHEALTHY > none
      0.00 n3 flags of 1: UNHEALTHY > none
      0.00 n3 flags of 2: UNHEALTHY > none
      0.00 n0 RUNNING, recovery ACTIVE, generation g1 map 0,1,2
      0.00 n1 RUNNING, recovery ACTIVE, generation g1 map 0,1,2
      0.00 n2 RUNNING, recovery ACTIVE, generation g1 map 0,1,2
      0.00 n0 RUNNING, recovery ACTIVE, generation g2 map 0,1,2,3
      0.00 n1 RUNNING, recovery ACTIVE, generation g2 map 0,1,2,3
      0.00 n2 RUNNING, recovery ACTIVE, generation g2 map 0,1,2,3
      0.00 n3 FIRST_RECOVERY, recovery ACTIVE, generation g2 map 0,1,2,3
      0.04 n0 RUNNING, recovery NORMAL, generation g2 map 0,1,2,3
      0.04 n1 RUNNING, recovery NORMAL, generation g2 map 0,1,2,3
      0.04 n2 RUNNING, recovery NORMAL, generation g2 map 0,1,2,3
      0.04 n3 FIRST_RECOVERY, recovery NORMAL, generation g2 map 0,1,2,3
      0.04 x.tdb b (lmaster n1): n0 5/0 MIGRATED "three" | n1 4/0 MIGRATED "three" | n2 4/0 MIGRATED "three" | n3 4/0 MIGRATED "three"
until healthy
      0.00 n3 STARTUP, recovery NORMAL, generation g2 map 0,1,2,3
      0.00 n3 RUNNING, recovery NORMAL, generation g2 map 0,1,2,3
      0.00 n3 flags of 3: UNHEALTHY > none
      0.00 n0 flags of 3: UNHEALTHY > none
      0.00 n1 flags of 3: UNHEALTHY > none
      0.00 n2 flags of 3: UNHEALTHY > none
      0.94 so it is
expect value x.tdb b three
expect seqnum p.tdb 1

shutdown n2
nodes-list n0 n1 n3
reload n0
      0.00 n2 SHUTDOWN, recovery NORMAL, generation g2 map 0,1,2,3
      0.00 ctdb: done
      0.00 x.tdb b (lmaster n1): n0 5/0 MIGRATED "three" | n1 4/0 MIGRATED "three" | n3 4/0 MIGRATED "three"
reload n1
      0.00 n1 flags of 2: none > DISCONNECTED UNHEALTHY
      0.00 n3 flags of 2: none > DISCONNECTED UNHEALTHY
      0.00 ctdb: done
reload n3
      0.00 ctdb: done
until healthy
      0.00 n0 RUNNING, recovery ACTIVE, generation g2 map 0,1,2,3
      0.00 n1 RUNNING, recovery ACTIVE, generation g2 map 0,1,2,3
      0.00 n3 RUNNING, recovery ACTIVE, generation g2 map 0,1,2,3
      0.00 n0 RUNNING, recovery ACTIVE, generation g3 map 0,1,3
      0.00 n1 RUNNING, recovery ACTIVE, generation g3 map 0,1,3
      0.00 n3 RUNNING, recovery ACTIVE, generation g3 map 0,1,3
      0.04 n0 RUNNING, recovery NORMAL, generation g3 map 0,1,3
      0.04 n1 RUNNING, recovery NORMAL, generation g3 map 0,1,3
      0.04 n3 RUNNING, recovery NORMAL, generation g3 map 0,1,3
      0.04 so it is
      0.04 x.tdb b (lmaster n3): n0 6/0 MIGRATED "three" | n1 5/0 MIGRATED "three" | n3 5/0 MIGRATED "three"
run 2s
expect value x.tdb a one
expect value x.tdb b three
expect seqnum p.tdb 1

# n0, which is stopped, is taken out of the list while it runs, and put back: it is still stopped.
stop n0
      0.00 n0 flags of 0: none > STOPPED
      0.00 n0 RUNNING, recovery ACTIVE, generation invalid map 0,1,3
      0.00 ctdb: done
      0.00 x.tdb b (lmaster n3): n0 (inactive) 6/0 MIGRATED "three" | n1 5/0 MIGRATED "three" | n3 5/0 MIGRATED "three"
nodes-list n1 n3
reload n0
      0.00 ctdb: done
reload n1
      0.00 n1 RUNNING, recovery ACTIVE, generation g3 map 0,1,3
      0.00 n3 RUNNING, recovery ACTIVE, generation g3 map 0,1,3
      0.00 ctdb: done
reload n3
      0.00 n0 flags of 1: none > DISCONNECTED UNHEALTHY
      0.00 ctdb: done
nodes-list n0 n1 n3
reload n0
      0.00 n0 flags of 3: none > DISCONNECTED UNHEALTHY
      0.00 ctdb: done
reload n1
      0.00 ctdb: done
reload n3
      0.00 ctdb: done
continue n0
      0.00 n0 flags of 0: STOPPED > none
      0.00 ctdb: done
      0.00 x.tdb b (lmaster n3): n0 6/0 MIGRATED "three" | n1 5/0 MIGRATED "three" | n3 5/0 MIGRATED "three"
until healthy
      0.00 n1 flags of 0: DISCONNECTED UNHEALTHY > UNHEALTHY
      0.00 n3 flags of 0: DISCONNECTED UNHEALTHY > UNHEALTHY
      0.00 n0 flags of 1: DISCONNECTED UNHEALTHY > UNHEALTHY
      0.00 n0 flags of 3: DISCONNECTED UNHEALTHY > UNHEALTHY
      4.99 n1 flags of 0: UNHEALTHY > none
      4.99 n0 flags of 1: UNHEALTHY > none
      4.99 n0 flags of 3: UNHEALTHY > none
      4.99 n3 flags of 0: UNHEALTHY > none
      4.99 n1 RUNNING, recovery ACTIVE, generation g4 map 0,1,3
      4.99 n0 RUNNING, recovery ACTIVE, generation g4 map 0,1,3
      4.99 n3 RUNNING, recovery ACTIVE, generation g4 map 0,1,3
      5.03 n1 RUNNING, recovery NORMAL, generation g4 map 0,1,3
      5.03 n0 RUNNING, recovery NORMAL, generation g4 map 0,1,3
      5.03 n3 RUNNING, recovery NORMAL, generation g4 map 0,1,3
      5.03 so it is
      5.03 x.tdb b (lmaster n3): n0 5/1 MIGRATED "three" | n1 6/1 MIGRATED "three" | n3 5/1 MIGRATED "three"
expect value x.tdb a one
expect value x.tdb b three
expect seqnum p.tdb 1
