# A sticky record stays where it came for 200 ms when it has gone through many hands: calls of other nodes wait, those of its own users do
# not. (A call with 50 hops makes it sticky; here it takes one.)
cluster 3 VacuumInterval=600 HopcountMakeSticky=1
client a n0
client b n1
client c n2
client b2 n1
a: attach x.tdb sticky
      0.00 a: done
b: attach x.tdb sticky
      0.00 b: done
c: attach x.tdb sticky
      0.00 c: done
b2: attach x.tdb
      0.00 b2: done
show calls x.tdb b
show record x.tdb b
      0.00 x.tdb b (lmaster n2): nowhere

# n2 is the lmaster: n0's call is redirected to n1, and the record becomes sticky there; then it comes to n0 and back to n1.
b: put x.tdb b one
      0.00 n1>n2 REQ_CALL gen g1 x.tdb b call NULL flags 0x1 hops 0
      0.00 n2>n1 REPLY_DMASTER gen g1 x.tdb b rsn 1 flags 0x0 0 bytes
      0.00 b: done
      0.00 x.tdb b (lmaster n2): n1 3/1 "one" | n2 1/1 empty
a: put x.tdb b two
      0.00 n0>n2 REQ_CALL gen g1 x.tdb b call NULL flags 0x1 hops 0
      0.00 n2>n1 REQ_CALL (0>1) gen g1 x.tdb b call NULL flags 0x1 hops 1
      0.00 n1>n2 REQ_DMASTER gen g1 x.tdb b rsn 3 to 0 flags 0x10000 3 bytes
      0.00 n2>n0 REPLY_DMASTER gen g1 x.tdb b rsn 3 flags 0x10000 3 bytes
      0.00 a: done
      0.00 x.tdb b (lmaster n2): n0 5/0 MIGRATED "two" | n1 3/0 MIGRATED "one" | n2 3/0 MIGRATED "one"
b: put x.tdb b three
      0.00 n1>n2 REQ_CALL gen g1 x.tdb b call NULL flags 0x1 hops 0
      0.00 n2>n0 REQ_CALL (1>0) gen g1 x.tdb b call NULL flags 0x1 hops 1
      0.00 n0>n2 REQ_DMASTER gen g1 x.tdb b rsn 5 to 1 flags 0x10000 3 bytes
      0.00 n2>n1 REPLY_DMASTER gen g1 x.tdb b rsn 5 flags 0x10000 3 bytes
      0.00 b: done
      0.00 x.tdb b (lmaster n2): n0 5/1 MIGRATED "two" | n1 7/1 MIGRATED "three" | n2 5/1 MIGRATED "two"
a: put x.tdb b four &
c: put x.tdb b five &
run 100ms
      0.00 n0>n2 REQ_CALL gen g1 x.tdb b call NULL flags 0x1 hops 0
      0.00 n2>n1 REQ_CALL gen g1 x.tdb b call NULL flags 0x1 hops 0
b2: put x.tdb b six
      0.00 b2: done
      0.00 x.tdb b (lmaster n2): n0 5/1 MIGRATED "two" | n1 7/1 MIGRATED "six" | n2 5/1 MIGRATED "two"
run 1s
      0.09 n1>n2 REQ_DMASTER gen g1 x.tdb b rsn 7 to 2 flags 0x10000 3 bytes
      0.10 c: put x.tdb b five &: done
      0.10 n2>n0 REPLY_DMASTER gen g1 x.tdb b rsn 9 flags 0x10000 4 bytes
      0.10 a: put x.tdb b four &: done
      1.00 x.tdb b (lmaster n2): n0 11/0 MIGRATED "four" | n1 7/2 MIGRATED "six" | n2 9/0 MIGRATED "five"
expect value x.tdb b four
