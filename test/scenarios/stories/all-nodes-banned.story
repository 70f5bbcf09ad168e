# All nodes banned after one node's failure: an smbd on n0 has locked a record and waits for a second one, in another database, whose
# dmaster dies. The recovery cannot freeze the first database before the smbd lets go, and the smbd does not let go before it has the
# second record. Databases recover on their own: as soon as the second one is thawed its waiting call goes on, and nobody is banned.
cluster 3 VacuumInterval=600 RecoverTimeout=5
client smbd0 n0
client smbd2 n2
client other n2
smbd0: attach locking.tdb
      0.00 smbd0: done
smbd0: attach brlock.tdb
      0.00 smbd0: done
smbd2: attach locking.tdb
      0.00 smbd2: done
smbd2: attach brlock.tdb
      0.00 smbd2: done
smbd2: put brlock.tdb file on-n2
      0.00 smbd2: done
smbd0: put locking.tdb file on-n0
      0.00 smbd0: done
# A process of n2 is at work in that chain, so that the call of n0 waits there.
other: hold brlock.tdb file
      0.00 other: holds the chain
smbd0: lock locking.tdb file
      0.00 smbd0: has it, rsn 3, "on-n0"
show calls brlock.tdb file
smbd0: lock brlock.tdb file &
run 100ms
      0.00 n0>n2 REQ_CALL gen g1 brlock.tdb file call NULL flags 0x1 hops 0

show states
show controls DB_FREEZE DB_THAW SET_BAN_STATE
show log /[Bb]an|attempt|failed/
crash n2 loud
# The smbd has it by then, and does not let go of the first: the recovery waits for that, and only that.
until idle smbd0
      0.00 n1 flags of 2: none > DISCONNECTED UNHEALTHY
      0.00 n0 flags of 2: none > DISCONNECTED UNHEALTHY
      0.00 n0 RUNNING, recovery ACTIVE, generation g1 map 0,1,2
      0.00 n1 RUNNING, recovery ACTIVE, generation g1 map 0,1,2
      0.00 n0 RUNNING, recovery ACTIVE, generation g2 map 0,1
      0.00 n1 RUNNING, recovery ACTIVE, generation g2 map 0,1
      0.00 n0>n1 REQ_CONTROL DB_FREEZE 4 bytes
      0.00 n0>n1 REQ_CONTROL DB_FREEZE 4 bytes
      0.00 n1>n0 REPLY_CONTROL status 0 0 bytes to DB_FREEZE
      0.00 n1>n0 REPLY_CONTROL status 0 0 bytes to DB_FREEZE
      0.01 n0>n1 REQ_CONTROL DB_THAW 4 bytes
      0.01 n0>n1 REQ_CALL gen g2 brlock.tdb file call NULL flags 0x1 hops 1
      0.01 n1>n0 REPLY_CONTROL status 0 0 bytes to DB_THAW
      0.01 n1>n0 REPLY_DMASTER gen g2 brlock.tdb file rsn 1 flags 0x0 0 bytes
      0.01 smbd0: lock brlock.tdb file &: has it, rsn 3, none
      0.01 so it is
run 1s
smbd0: unlock brlock.tdb file
      0.00 smbd0: done
smbd0: store locking.tdb file done
      0.00 smbd0: done
smbd0: unlock locking.tdb file
      0.00 smbd0: done
until healthy
      0.00 n0>n1 REQ_CONTROL DB_THAW 4 bytes
      0.00 n1>n0 REPLY_CONTROL status 0 0 bytes to DB_THAW
      0.03 n0 RUNNING, recovery NORMAL, generation g2 map 0,1
      0.03 n1 RUNNING, recovery NORMAL, generation g2 map 0,1
      0.03 n0 ctdb-clusterd Resetting ban count to 0 for all nodes
      0.03 so it is
expect lines /SET_BAN_STATE/ 0
expect lines /Recovery failed/ 0
expect value locking.tdb file done
hide
restart n2
until healthy
      1.84 so it is
