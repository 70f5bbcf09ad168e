# The leader is killed in a recovery, right when it has sent the control of a step to the others: the steps before records move. The
# cluster lock goes to one of them, which begins a recovery of its own; what was acknowledged before is there after it.
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
until line /packet REQ_CONTROL .* SET_RECMODE /
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
until line /packet REQ_CONTROL .* START_RECOVERY /
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
      0.08 so it is

recover leader &
until line /packet REQ_CONTROL .* SETVNNMAP /
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
until line /packet REQ_CONTROL .* DB_FREEZE /
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
until line /packet REQ_CONTROL .* DB_TRANSACTION_START /
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
until line /packet REQ_CONTROL .* GET_DB_SEQNUM /
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
until line /packet REQ_CONTROL .* DB_PULL /
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

expect lines /SET_BAN_STATE/ 0
