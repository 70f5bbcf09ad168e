# A node comes back with an empty disk: it gets everything from the others. What was on it alone is gone: a volatile record goes back to
# what the others have of it, a persistent one is on all nodes anyway.
cluster 3 VacuumInterval=600
client a n0
client c n2
a: attach x.tdb
      0.00 a: done
c: attach x.tdb
      0.00 c: done
c: attach p.tdb persistent
      0.00 c: done
a: put x.tdb b one
      0.00 a: done
c: put x.tdb b two
      0.00 c: done
c: put x.tdb r mine
      0.00 c: done
c: transaction p.tdb k=v
      0.00 c: committed
show record x.tdb b
      0.00 x.tdb b (lmaster n2): n0 3/2 MIGRATED "one" | n2 5/2 MIGRATED "two"
show record x.tdb r
      0.00 x.tdb r (lmaster n2): n2 2/2 "mine"
show record p.tdb k
      0.00 p.tdb k: n0 1/2 "v" | n1 1/2 "v" | n2 1/2 "v"
crash n2
      0.00 x.tdb b (lmaster n2): n0 3/2 MIGRATED "one"
      0.00 x.tdb r (lmaster n2): nowhere
      0.00 p.tdb k: n0 1/2 "v" | n1 1/2 "v"
until recovered
     30.01 so it is
     30.01 x.tdb b (lmaster n1): n0 4/0 MIGRATED "one" | n1 3/0 MIGRATED "one"
     30.01 x.tdb r (lmaster n0): nowhere
restart n2 wiped
until healthy
      1.00 so it is
      1.00 x.tdb b (lmaster n2): n0 5/0 MIGRATED "one" | n1 4/0 MIGRATED "one" | n2 4/0 MIGRATED "one"
      1.00 x.tdb r (lmaster n2): nowhere
      1.00 p.tdb k: n0 1/2 "v" | n1 1/2 "v" | n2 1/2 "v"
expect value x.tdb b one
expect value x.tdb r none
expect value p.tdb k v
expect seqnum p.tdb 1
