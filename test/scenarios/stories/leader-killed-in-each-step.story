# The leader is killed in each step of a recovery, right when it has sent the control of that step to the others. The cluster lock
# goes to one of them, which begins a recovery of its own; what was acknowledged before is there after it.
cluster 3 VacuumInterval=600
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
recover n0
         0.1 ctdb: done
run 2s
until healthy
      6060.2 so it is
show cluster-lock
show log /Recovery.*(?:fail|abort)|[Bb]an/

recover leader &
until line /packet REQ_CONTROL .* SET_RECMODE /
         0.1 recover leader &: done
         0.4 n0 ctdb-clusterd Recovery failed: END_RECOVERY failed on node 0: control END_RECOVERY failed on node 0 with status -1
kill leader
         0.0 n0 cluster lock is free
until healthy
       113.1 n1 holds the cluster lock
       157.8 so it is
expect value x.tdb a two
expect value x.tdb b three
expect value p.tdb k v
expect seqnum p.tdb 1
start away
until healthy
         0.8 n1 ctdb-clusterd Resetting ban count to 0 for all nodes
        57.7 n1 ctdb-clusterd Resetting ban count to 0 for all nodes
       437.2 so it is

recover leader &
until line /packet REQ_CONTROL .* START_RECOVERY /
         0.1 recover leader &: done
kill leader
         0.0 n1 cluster lock is free
until healthy
       143.1 n2 holds the cluster lock
       190.2 so it is
expect value x.tdb a two
expect value x.tdb b three
expect value p.tdb k v
expect seqnum p.tdb 1
start away
until healthy
         0.8 n2 ctdb-clusterd Resetting ban count to 0 for all nodes
        45.3 n2 ctdb-clusterd Resetting ban count to 0 for all nodes
       226.2 so it is

recover leader &
until line /packet REQ_CONTROL .* SETVNNMAP /
         0.1 recover leader &: done
kill leader
         0.0 n2 cluster lock is free
until healthy
       149.5 n1 holds the cluster lock
       207.5 so it is
expect value x.tdb a two
expect value x.tdb b three
expect value p.tdb k v
expect seqnum p.tdb 1
start away
until healthy
         0.8 n1 ctdb-clusterd Resetting ban count to 0 for all nodes
        43.4 n1 ctdb-clusterd Resetting ban count to 0 for all nodes
       772.1 so it is

recover leader &
until line /packet REQ_CONTROL .* DB_FREEZE /
         0.1 recover leader &: done
kill leader
         0.0 n1 cluster lock is free
until healthy
       120.3 n0 holds the cluster lock
       147.4 so it is
expect value x.tdb a two
expect value x.tdb b three
expect value p.tdb k v
expect seqnum p.tdb 1
start away
until healthy
         0.8 n0 ctdb-clusterd Resetting ban count to 0 for all nodes
        50.0 n0 ctdb-clusterd Resetting ban count to 0 for all nodes
       336.2 so it is

recover leader &
until line /packet REQ_CONTROL .* DB_TRANSACTION_START /
         0.1 recover leader &: done
kill leader
         0.0 n0 cluster lock is free
until healthy
       157.0 n2 holds the cluster lock
       186.8 so it is
expect value x.tdb a two
expect value x.tdb b three
expect value p.tdb k v
expect seqnum p.tdb 1
start away
until healthy
         0.8 n2 ctdb-clusterd Resetting ban count to 0 for all nodes
        69.4 n2 ctdb-clusterd Resetting ban count to 0 for all nodes
       568.0 so it is

recover leader &
until line /packet REQ_CONTROL .* DB_PULL /
         0.1 recover leader &: done
kill leader
         0.0 n2 cluster lock is free
until healthy
       140.7 n0 holds the cluster lock
       184.2 so it is
expect value x.tdb a two
expect value x.tdb b three
expect value p.tdb k v
expect seqnum p.tdb 1
start away
until healthy
         0.9 n0 ctdb-clusterd Resetting ban count to 0 for all nodes
        71.9 n0 ctdb-clusterd Resetting ban count to 0 for all nodes
       751.3 so it is

recover leader &
until line /packet REQ_CONTROL .* GET_DB_SEQNUM /
         0.1 recover leader &: done
kill leader
         0.0 n0 cluster lock is free
until healthy
       127.5 n1 holds the cluster lock
       190.3 so it is
expect value x.tdb a two
expect value x.tdb b three
expect value p.tdb k v
expect seqnum p.tdb 1
start away
until healthy
         0.9 n1 ctdb-clusterd Resetting ban count to 0 for all nodes
        75.2 n1 ctdb-clusterd Resetting ban count to 0 for all nodes
       274.5 so it is

recover leader &
until line /packet REQ_CONTROL .* WIPE_DATABASE /
         0.1 recover leader &: done
kill leader
         0.0 n1 cluster lock is free
until healthy
       132.3 n0 holds the cluster lock
       196.5 so it is
expect value x.tdb a two
expect value x.tdb b three
expect value p.tdb k v
expect seqnum p.tdb 1
start away
until healthy
         0.7 n0 ctdb-clusterd Resetting ban count to 0 for all nodes
        42.4 n0 ctdb-clusterd Resetting ban count to 0 for all nodes
       776.5 so it is

recover leader &
until line /packet REQ_CONTROL .* DB_PUSH_START /
         0.1 recover leader &: done
kill leader
         0.0 n0 cluster lock is free
until healthy
       137.2 n2 holds the cluster lock
       169.1 so it is
expect value x.tdb a two
expect value x.tdb b three
expect value p.tdb k v
expect seqnum p.tdb 1
start away
until healthy
         0.8 n2 ctdb-clusterd Resetting ban count to 0 for all nodes
        36.4 n2 ctdb-clusterd Resetting ban count to 0 for all nodes
       237.4 so it is

recover leader &
until line /packet REQ_MESSAGE \S+ #\d+ 0x/
         0.1 recover leader &: done
      9872.0 n2 ctdb-clusterd Resetting ban count to 0 for all nodes
kill leader
until healthy
expect value x.tdb a two
expect value x.tdb b three
expect value p.tdb k v
expect seqnum p.tdb 1
start away
until healthy

recover leader &
until line /packet REQ_CONTROL .* DB_PUSH_CONFIRM /
kill leader
until healthy
expect value x.tdb a two
expect value x.tdb b three
expect value p.tdb k v
expect seqnum p.tdb 1
start away
until healthy

recover leader &
until line /packet REQ_CONTROL .* DB_TRANSACTION_COMMIT /
kill leader
until healthy
expect value x.tdb a two
expect value x.tdb b three
expect value p.tdb k v
expect seqnum p.tdb 1
start away
until healthy

recover leader &
until line /packet REQ_CONTROL .* DB_THAW /
kill leader
until healthy
expect value x.tdb a two
expect value x.tdb b three
expect value p.tdb k v
expect seqnum p.tdb 1
start away
until healthy

recover leader &
until line /packet REQ_CONTROL .* END_RECOVERY /
kill leader
until healthy
expect value x.tdb a two
expect value x.tdb b three
expect value p.tdb k v
expect seqnum p.tdb 1
start away
until healthy

expect lines /SET_BAN_STATE/ 0
