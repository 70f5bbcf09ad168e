# The leader is killed in each step of a recovery, right when it has sent the control of that step to the others. The cluster lock
# goes to one of them, which begins a recovery of its own; what was acknowledged before is there after it.
cluster 3 VacuumInterval=600 RerecoveryTimeout=1
client a n0
client p n1
client q n2
a: attach x.tdb
         0.3 a: done
p: attach x.tdb
         0.2 p: done
q: attach x.tdb
         0.3 q: done
q: attach p.tdb persistent
         0.2 q: done
a: put x.tdb a one
         0.2 a: done
p: put x.tdb a two
         0.2 p: done
q: put x.tdb b three
         0.1 q: done
q: transaction p.tdb k=v
         2.9 q: committed
# A recovery gives all nodes a copy of what is on one only.
recover n0
         0.1 ctdb: done
until line /END_RECOVERY/
until healthy
         0.7 so it is
show cluster-lock
show log /Recovery.*(?:fail|abort)|anned/

recover leader &
until line /packet REQ_CONTROL .* SET_RECMODE /
         0.1 recover leader &: done
kill leader
         0.0 n0 cluster lock is free
until healthy
       113.1 n1 holds the cluster lock
       158.6 so it is
expect value x.tdb a two
expect value x.tdb b three
expect value p.tdb k v
expect seqnum p.tdb 1
start away
until healthy
       436.0 so it is

recover leader &
until line /packet REQ_CONTROL .* START_RECOVERY /
         0.1 recover leader &: done
kill leader
         0.0 n1 cluster lock is free
until healthy
       143.1 n2 holds the cluster lock
       191.0 so it is
expect value x.tdb a two
expect value x.tdb b three
expect value p.tdb k v
expect seqnum p.tdb 1
start away
until healthy
       224.8 so it is

recover leader &
until line /packet REQ_CONTROL .* SETVNNMAP /
         0.1 recover leader &: done
kill leader
         0.0 n2 cluster lock is free
until healthy
       149.5 n1 holds the cluster lock
       208.2 so it is
expect value x.tdb a two
expect value x.tdb b three
expect value p.tdb k v
expect seqnum p.tdb 1
start away
until healthy
       772.2 so it is

recover leader &
until line /packet REQ_CONTROL .* DB_FREEZE /
         0.1 recover leader &: done
kill leader
         0.0 n1 cluster lock is free
until healthy
       120.3 n0 holds the cluster lock
       148.1 so it is
expect value x.tdb a two
expect value x.tdb b three
expect value p.tdb k v
expect seqnum p.tdb 1
start away
until healthy
       336.0 so it is

recover leader &
until line /packet REQ_CONTROL .* DB_TRANSACTION_START /
         0.1 recover leader &: done
kill leader
         0.0 n0 cluster lock is free
until healthy
       156.9 n2 holds the cluster lock
       187.6 so it is
expect value x.tdb a two
expect value x.tdb b three
expect value p.tdb k v
expect seqnum p.tdb 1
start away
until healthy
       567.9 so it is

recover leader &
until line /packet REQ_CONTROL .* DB_PULL /
         0.1 recover leader &: done
kill leader
         0.0 n2 cluster lock is free
until healthy
       140.8 n0 holds the cluster lock
       185.0 so it is
expect value x.tdb a two
expect value x.tdb b three
expect value p.tdb k v
expect seqnum p.tdb 1
start away
until healthy
       751.2 so it is

recover leader &
until line /packet REQ_CONTROL .* GET_DB_SEQNUM /
         0.1 recover leader &: done
kill leader
         0.0 n0 cluster lock is free
until healthy
       127.6 n1 holds the cluster lock
       191.3 so it is
expect value x.tdb a two
expect value x.tdb b three
expect value p.tdb k v
expect seqnum p.tdb 1
start away
until healthy
       274.3 so it is

recover leader &
until line /packet REQ_CONTROL .* WIPE_DATABASE /
         0.1 recover leader &: done
kill leader
         0.0 n1 cluster lock is free
until healthy
       132.3 n0 holds the cluster lock
       197.3 so it is
expect value x.tdb a two
expect value x.tdb b three
expect value p.tdb k v
expect seqnum p.tdb 1
start away
until healthy
       776.6 so it is

recover leader &
until line /packet REQ_CONTROL .* DB_PUSH_START /
         0.1 recover leader &: done
kill leader
         0.0 n0 cluster lock is free
until healthy
       137.2 n2 holds the cluster lock
       169.9 so it is
expect value x.tdb a two
expect value x.tdb b three
expect value p.tdb k v
expect seqnum p.tdb 1
start away
until healthy
       237.6 so it is

recover leader &
until line /packet REQ_MESSAGE .* RECOVERY 0x/
         0.1 recover leader &: done
kill leader
         0.0 n2 cluster lock is free
until healthy
       145.4 n0 holds the cluster lock
       215.3 so it is
expect value x.tdb a two
expect value x.tdb b three
expect value p.tdb k v
expect seqnum p.tdb 1
start away
until healthy
       757.5 so it is

recover leader &
until line /packet REQ_CONTROL .* DB_PUSH_CONFIRM /
         0.1 recover leader &: done
kill leader
         0.0 n0 cluster lock is free
until healthy
       111.9 n2 holds the cluster lock
       170.3 so it is
expect value x.tdb a two
expect value x.tdb b three
expect value p.tdb k v
expect seqnum p.tdb 1
start away
until healthy
       766.9 so it is

recover leader &
until line /packet REQ_CONTROL .* DB_TRANSACTION_COMMIT /
         0.1 recover leader &: done
kill leader
         0.0 n2 cluster lock is free
until healthy
       152.9 n1 holds the cluster lock
       226.7 so it is
expect value x.tdb a two
expect value x.tdb b three
expect value p.tdb k v
expect seqnum p.tdb 1
start away
until healthy
        75.4 so it is

recover leader &
until line /packet REQ_CONTROL .* DB_THAW /
         0.1 recover leader &: done
kill leader
         0.0 n1 cluster lock is free
until healthy
       118.4 n0 holds the cluster lock
       152.8 so it is
expect value x.tdb a two
expect value x.tdb b three
expect value p.tdb k v
expect seqnum p.tdb 1
start away
until healthy
       509.5 so it is

recover leader &
until line /packet REQ_CONTROL .* END_RECOVERY /
         0.1 recover leader &: done
kill leader
         0.0 n0 cluster lock is free
until healthy
       124.3 n2 holds the cluster lock
       193.1 so it is
expect value x.tdb a two
expect value x.tdb b three
expect value p.tdb k v
expect seqnum p.tdb 1
start away
until healthy
       492.7 so it is

expect lines /SET_BAN_STATE/ 0
