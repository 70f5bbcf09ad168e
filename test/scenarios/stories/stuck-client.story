# A process on n1 stands still with a record locked: n1 cannot freeze the database. After three attempts n1 is banned, and only n1; the
# others recover without it. When the ban is over the process has let go, and all is well.
cluster 3 VacuumInterval=600 RecoverTimeout=3 RecoveryBanPeriod=10
client a n0
client smbd n1
a: attach x.tdb
      0.00 a: done
a: put x.tdb a one
      0.00 a: done
smbd: hold x.tdb a
      0.00 smbd: holds the chain
show states
show log /anned|Banning|attempt|failed|not be recovered/
recover n0
      0.00 n0 RUNNING, recovery ACTIVE, generation g1 map 0,1,2
      0.00 ctdb: done
until flags n1 BANNED within 120s
      7.58 n1 RUNNING, recovery ACTIVE, generation g1 map 0,1,2
      7.58 n2 RUNNING, recovery ACTIVE, generation g1 map 0,1,2
      7.58 n0 RUNNING, recovery ACTIVE, generation g2 map 0,1,2
      7.58 n1 RUNNING, recovery ACTIVE, generation g2 map 0,1,2
      7.58 n2 RUNNING, recovery ACTIVE, generation g2 map 0,1,2
     10.59 n0 ctdb-clusterd recover database x.tdb failed: DB_FREEZE failed on node 1: no reply to control DB_FREEZE from node 1 within 3000 ms
     10.59 n0 ctdb-clusterd recover database x.tdb, attempt 2
     13.59 n0 ctdb-clusterd recover database x.tdb failed: DB_FREEZE failed on node 1: no reply to control DB_FREEZE from node 1 within 3000 ms
     13.59 n0 ctdb-clusterd recover database x.tdb, attempt 3
     16.59 n0 ctdb-clusterd recover database x.tdb failed: DB_FREEZE failed on node 1: no reply to control DB_FREEZE from node 1 within 3000 ms
     16.59 n0 ctdb-clusterd Banning node 1 for 10 seconds
     16.59 n1 ctdbd Banning this node for 10 seconds
     16.59 n1 flags of 1: none > BANNED
     16.59 n1 RUNNING, recovery ACTIVE, generation invalid map 0,1,2
     16.59 so it is
until recovered
      0.00 n0 ctdb-clusterd Recovery failed: databases: 1 could not be recovered
      0.00 n0 flags of 1: none > BANNED
      0.00 n2 flags of 1: none > BANNED
      0.00 n0 RUNNING, recovery ACTIVE, generation g3 map 0,2
      0.00 n2 RUNNING, recovery ACTIVE, generation g3 map 0,2
      0.04 n0 RUNNING, recovery NORMAL, generation g3 map 0,2
      0.04 n2 RUNNING, recovery NORMAL, generation g3 map 0,2
      0.04 so it is
expect flags n0 none
expect flags n2 none
expect value x.tdb a one
smbd: let-go x.tdb a
      0.00 smbd: done
until healthy
      9.95 n1 ctdbd Banning timed out
      9.95 n1 flags of 1: BANNED > none
     10.00 n0 flags of 1: BANNED > none
     10.00 n2 flags of 1: BANNED > none
     10.00 n0 RUNNING, recovery ACTIVE, generation g3 map 0,2
     10.00 n2 RUNNING, recovery ACTIVE, generation g3 map 0,2
     10.00 n0 RUNNING, recovery ACTIVE, generation g4 map 0,1,2
     10.00 n1 RUNNING, recovery ACTIVE, generation g4 map 0,1,2
     10.00 n2 RUNNING, recovery ACTIVE, generation g4 map 0,1,2
     10.04 n0 RUNNING, recovery NORMAL, generation g4 map 0,1,2
     10.04 n1 RUNNING, recovery NORMAL, generation g4 map 0,1,2
     10.04 n2 RUNNING, recovery NORMAL, generation g4 map 0,1,2
     10.04 so it is
