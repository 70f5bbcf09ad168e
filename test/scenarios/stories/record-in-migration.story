# High hop count: calls for a record that is on its way to a node wait there, they do not travel between it and the lmaster. A process
# of n2 holds the chain of the record, so that the REPLY_DMASTER with which the record comes has to wait for a lock.
cluster 3 VacuumInterval=600
client a n0
client b n1
client c n2
a: attach x.tdb
         0.3 a: done
b: attach x.tdb
         0.2 b: done
c: attach x.tdb
         0.3 c: done
b: put x.tdb b one
         0.2 b: done
show calls x.tdb b
show record x.tdb b
         0.0 x.tdb b (lmaster n2): n1 3/1 "one" | n2 1/1 empty

# n2 is the lmaster of b, n1 owns it; n0 wants it while its chain on n0 is held.
client smbd n0
smbd: hold x.tdb b
         0.0 smbd: holds the chain
a: lock x.tdb b &
run 100ms
# n2 and n1 believe that n0 owns it: their calls come to n0 and wait.
b: count x.tdb c 1 &
b: lock x.tdb b &
c: lock x.tdb b &
run 10s
         0.0 b: lock x.tdb b &: has it, rsn 3, "one"
         0.0 n2>n1 REQ_CALL gen g1 x.tdb b call NULL flags 0x1 hops 0
         0.1 b: count x.tdb c 1 &: done
expect waiting a
expect waiting b
smbd: let-go x.tdb b
until idle a
run 100ms
a: unlock x.tdb b
run 1s
expect hops 3
