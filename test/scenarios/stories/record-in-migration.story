# High hop count: calls for a record that is on its way to a node wait, they do not travel between that node and the lmaster. A process
# of n0 holds the chain of the record, so that the REPLY_DMASTER with which the record comes has to wait for a lock.
cluster 3 VacuumInterval=600
client a n0
client b n1
client c n2
client smbd n0
a: attach x.tdb
      0.00 a: done
b: attach x.tdb
      0.00 b: done
c: attach x.tdb
      0.00 c: done
b: put x.tdb b 1
      0.00 b: done
show calls x.tdb b
show record x.tdb b
      0.00 x.tdb b (lmaster n2): n1 3/1 "1" | n2 1/1 empty

# n2 is the lmaster of b, n1 owns it. While the call of n0 is on its way, a process locks the chain there.
a: count x.tdb b &
until line /n0>n2 packet REQ_CALL/
      0.00 n0>n2 REQ_CALL gen g1 x.tdb b call NULL flags 0x1 hops 0
smbd: hold x.tdb b
      0.00 smbd: holds the chain
run 100ms
      0.00 n2>n1 REQ_CALL (0>1) gen g1 x.tdb b call NULL flags 0x1 hops 1
      0.00 n1>n2 REQ_DMASTER gen g1 x.tdb b rsn 3 to 0 flags 0x10000 1 bytes
      0.00 n2>n0 REPLY_DMASTER gen g1 x.tdb b rsn 3 flags 0x10000 1 bytes
      0.10 x.tdb b (lmaster n2): n1 3/0 MIGRATED "1" | n2 3/0 MIGRATED "1"
# n1 and n2 believe that n0 owns it. Their calls wait: that of n2 at n0, that of n1 at the lmaster, which lets one go at a time, and
# another when nothing has come of it for a second.
b: count x.tdb b &
c: count x.tdb b &
run 10s
      0.00 n1>n2 REQ_CALL gen g1 x.tdb b call NULL flags 0x1 hops 0
      0.00 n2>n0 REQ_CALL gen g1 x.tdb b call NULL flags 0x1 hops 0
      1.43 n2>n0 REQ_CALL (1>0) gen g1 x.tdb b call NULL flags 0x1 hops 1
expect waiting a
expect waiting b
expect waiting c

# Whoever gets the record keeps it for the visit of its client; nobody's turn is forgotten.
smbd: let-go x.tdb b
      0.00 smbd: done
until idle a
      0.00 a: count x.tdb b &: done
      0.00 so it is
      0.00 x.tdb b (lmaster n2): n0 5/0 MIGRATED "2" | n1 3/0 MIGRATED "1" | n2 3/0 MIGRATED "1"
until idle b
      0.00 n0>n2 REQ_DMASTER gen g1 x.tdb b rsn 5 to 2 flags 0x10000 1 bytes
      0.00 n0>n2 REQ_CALL (1>2) gen g1 x.tdb b call NULL flags 0x1 hops 2
      0.00 c: count x.tdb b &: done
      0.00 n2>n1 REPLY_DMASTER gen g1 x.tdb b rsn 7 flags 0x10000 1 bytes
      0.00 b: count x.tdb b &: done
      0.00 so it is
      0.00 x.tdb b (lmaster n2): n0 5/2 MIGRATED "2" | n1 9/1 MIGRATED "4" | n2 7/1 MIGRATED "3"
until idle c
      0.00 so it is
run 2s
expect value x.tdb b 4
expect hops 4
