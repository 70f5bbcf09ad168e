# A record is made, written, and wanted by one node after the other. Each migration adds two to the rsn of the new owner: one when it
# becomes dmaster, one when it executes the call; the old owner and the lmaster keep what they had.
cluster 3 VacuumInterval=600
client a n0
client b n1
client c n2
a: attach x.tdb
      0.00 a: done
b: attach x.tdb
      0.00 b: done
c: attach x.tdb
      0.00 c: done
show calls x.tdb a
show record x.tdb a
      0.00 x.tdb a (lmaster n1): nowhere

a: put x.tdb a one
      0.00 n0>n1 REQ_CALL gen g1 x.tdb a call NULL flags 0x1 hops 0
      0.00 n1>n0 REPLY_DMASTER gen g1 x.tdb a rsn 1 flags 0x0 0 bytes
      0.00 a: done
      0.00 x.tdb a (lmaster n1): n0 3/0 "one" | n1 1/0 empty
b: put x.tdb a two
      0.00 n1>n0 REQ_CALL gen g1 x.tdb a call NULL flags 0x1 hops 0
      0.00 n0>n1 REQ_DMASTER gen g1 x.tdb a rsn 3 to 1 flags 0x10000 3 bytes
      0.00 b: done
      0.00 x.tdb a (lmaster n1): n0 3/1 MIGRATED "one" | n1 5/1 MIGRATED "two"
c: put x.tdb a three
      0.00 n2>n1 REQ_CALL gen g1 x.tdb a call NULL flags 0x1 hops 0
      0.00 n1>n2 REPLY_DMASTER gen g1 x.tdb a rsn 5 flags 0x10000 3 bytes
      0.00 c: done
      0.00 x.tdb a (lmaster n1): n0 3/1 MIGRATED "one" | n1 5/2 MIGRATED "two" | n2 7/2 MIGRATED "three"
a: put x.tdb a four
      0.00 n0>n1 REQ_CALL gen g1 x.tdb a call NULL flags 0x1 hops 0
      0.00 n1>n2 REQ_CALL (0>2) gen g1 x.tdb a call NULL flags 0x1 hops 1
      0.00 n2>n1 REQ_DMASTER gen g1 x.tdb a rsn 7 to 0 flags 0x10000 5 bytes
      0.00 n1>n0 REPLY_DMASTER gen g1 x.tdb a rsn 7 flags 0x10000 5 bytes
      0.00 a: done
      0.00 x.tdb a (lmaster n1): n0 9/0 MIGRATED "four" | n1 7/0 MIGRATED "three" | n2 7/0 MIGRATED "three"
b: put x.tdb b five
      0.00 b: done
record x.tdb b
      0.00 x.tdb b (lmaster n2): n1 3/1 "five" | n2 1/1 empty
record x.tdb c
      0.00 x.tdb c (lmaster n1): nowhere
