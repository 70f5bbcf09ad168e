# The leader is killed in a recovery, right when it has sent the control of a step to the others: the steps that replace the records, up
# to the last. Databases that were thawed already and such that were not come to the same.
cluster 3 VacuumInterval=600 RerecoveryTimeout=1
client a n0
client p n1
client q n2
a: attach x.tdb
      0.00 a: done
p: attach x.tdb
      0.00 p: done
q: attach p.tdb persistent
      0.00 q: done
a: put x.tdb a one
      0.00 a: done
p: put x.tdb a two
      0.00 p: done
q: transaction p.tdb k=v
      0.00 q: committed
# A recovery gives all nodes a copy of what is on one only.
recover n0
      0.00 ctdb: done
until line /END_RECOVERY/
until healthy
      0.00 so it is
show cluster-lock

recover leader &
until line /packet REQ_CONTROL .* WIPE_DATABASE /
      0.00 recover leader &: done
kill leader
      0.00 n0 cluster lock is free
until healthy
      0.13 n1 holds the cluster lock
      0.18 so it is
expect value x.tdb a two
expect seqnum p.tdb 1
start away
until healthy
      0.32 so it is

recover leader &
until line /packet REQ_CONTROL .* DB_PUSH_START /
      0.00 recover leader &: done
kill leader
      0.00 n1 cluster lock is free
until healthy
      0.13 n2 holds the cluster lock
      0.18 so it is
expect value x.tdb a two
expect seqnum p.tdb 1
start away
until healthy
      0.07 so it is

recover leader &
until line /packet REQ_MESSAGE .* RECOVERY 0x/
      0.00 recover leader &: done
kill leader
      0.00 n2 cluster lock is free
until healthy
      0.13 n0 holds the cluster lock
      0.18 so it is
expect value x.tdb a two
expect seqnum p.tdb 1
start away
until healthy
      0.54 so it is

recover leader &
until line /packet REQ_CONTROL .* DB_PUSH_CONFIRM /
      0.00 recover leader &: done
kill leader
      0.00 n0 cluster lock is free
until healthy
      0.13 n1 holds the cluster lock
      0.18 so it is
expect value x.tdb a two
expect seqnum p.tdb 1
start away
until healthy
      0.54 so it is

recover leader &
until line /packet REQ_CONTROL .* DB_TRANSACTION_COMMIT /
      0.00 recover leader &: done
kill leader
      0.00 n1 cluster lock is free
until healthy
      0.13 n2 holds the cluster lock
      0.18 so it is
expect value x.tdb a two
expect seqnum p.tdb 1
start away
until healthy
      0.54 so it is

recover leader &
until line /packet REQ_CONTROL .* DB_THAW /
      0.00 recover leader &: done
kill leader
      0.00 n2 cluster lock is free
until healthy
      0.13 n0 holds the cluster lock
      0.18 so it is
expect value x.tdb a two
expect seqnum p.tdb 1
start away
until healthy
      0.54 so it is

recover leader &
until line /packet REQ_CONTROL .* DB_THAW /
      0.00 recover leader &: done
until line /n\d>n\d packet REQ_CONTROL .* SET_RECMODE /
kill leader
      0.00 n0 cluster lock is free
until healthy
      0.13 n1 holds the cluster lock
      0.18 so it is
expect value x.tdb a two
expect seqnum p.tdb 1
start away
until healthy
      0.54 so it is

recover leader &
until line /packet REQ_CONTROL .* END_RECOVERY /
      0.00 recover leader &: done
kill leader
      0.00 n1 cluster lock is free
until healthy
      0.13 n2 holds the cluster lock
      0.18 so it is
expect value x.tdb a two
expect seqnum p.tdb 1
start away
until healthy
      0.50 so it is

expect lines /SET_BAN_STATE/ 0
