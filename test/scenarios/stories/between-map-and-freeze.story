# A node dies, and the new map makes n2 the lmaster of a record of which it has never heard. Until its database is frozen n2 goes by the map
# of the generation that the database is in: else it would give an empty record to its own client, and the record had two owners.
cluster 3 VacuumInterval=600
client a n0
client c n2
a: attach x.tdb
      0.00 a: done
c: attach x.tdb
      0.00 c: done
a: put x.tdb g 5
      0.00 a: done
show calls x.tdb g
show record x.tdb g
      0.00 x.tdb g (lmaster n0): n0 2/0 "5"
show log /Freeze db/
slow n0 n2 100ms
crash n1 loud
until line /n2 state .* map 0,2/
      1.10 x.tdb g (lmaster n2): n0 2/0 "5"
c: count x.tdb g &
until recovered
      0.00 n2>n0 REQ_CALL gen g1 x.tdb g call NULL flags 0x1 hops 0
      0.20 n0 ctdbd Freeze db: x.tdb
      0.30 n2 ctdbd Freeze db: x.tdb
      1.10 n2>n0 REQ_CALL gen g2 x.tdb g call NULL flags 0x1 hops 1
      1.10 n0>n2 REQ_DMASTER gen g2 x.tdb g rsn 3 to 2 flags 0x10000 1 bytes
      1.20 c: count x.tdb g &: done
      1.53 so it is
      1.53 x.tdb g (lmaster n2): n0 3/2 MIGRATED "5" | n2 5/2 MIGRATED "6"
until idle c
      0.00 so it is
expect value x.tdb g 6
slow n0 n2 1ms
restart n1
until healthy
      0.37 n0 ctdbd Freeze db: x.tdb
      0.37 n1 ctdbd Freeze db: x.tdb
      0.37 n2 ctdbd Freeze db: x.tdb
      1.35 so it is
      1.35 x.tdb g (lmaster n0): n0 6/0 MIGRATED "6" | n1 5/0 MIGRATED "6" | n2 5/0 MIGRATED "6"
expect value x.tdb g 6
