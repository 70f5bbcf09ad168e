# A traverse of the cluster shows each record with data once, by its owner - also while a database is frozen, while a recovery runs, and
# when a node dies under it.
cluster 3 VacuumInterval=600 TraverseTimeout=8
client a n0
client b n1
client c n2
client smbd n1
a: attach x.tdb
      0.00 a: done
b: attach x.tdb
      0.00 b: done
c: attach x.tdb
      0.00 c: done
a: put x.tdb a one
      0.00 a: done
b: put x.tdb a two
      0.00 b: done
b: put x.tdb b three
      0.00 b: done
c: put x.tdb c four
      0.00 c: done
c: put x.tdb d five
      0.00 c: done
a: drop x.tdb d
      0.00 a: done
show controls TRAVERSE_ALL TRAVERSE_KILL
a: traverse x.tdb
      0.00 n0>n1 REQ_CONTROL TRAVERSE_ALL flags 0x1 24 bytes
      0.00 n0>n2 REQ_CONTROL TRAVERSE_ALL flags 0x1 24 bytes
      0.00 a: a "two", b "three", c "four"
expect said /^a "two", b "three", c "four"$/

# n1's database is frozen: the traverse waits for it.
freeze n1 x.tdb
      0.00 ctdb: done
a: traverse x.tdb &
run 2s
      0.00 n0>n1 REQ_CONTROL TRAVERSE_ALL flags 0x1 24 bytes
      0.00 n0>n2 REQ_CONTROL TRAVERSE_ALL flags 0x1 24 bytes
expect waiting a
thaw n1 x.tdb
      0.00 ctdb: done
until idle a
      0.00 a: traverse x.tdb &: a "two", b "three", c "four"
      0.00 so it is

# A recovery runs meanwhile: when it is over all records belong to the leader, which shows them (three, and the mark of the end).
smbd: hold x.tdb b
      0.00 smbd: holds the chain
recover n0
      0.00 ctdb: done
until line /packet REQ_CONTROL .* DB_FREEZE/
run 100ms
c: traverse x.tdb &
run 1s
      0.00 n2>n0 REQ_CONTROL TRAVERSE_ALL flags 0x1 24 bytes
      0.00 n2>n1 REQ_CONTROL TRAVERSE_ALL flags 0x1 24 bytes
smbd: let-go x.tdb b
      0.00 smbd: done
until idle c
      0.05 c: traverse x.tdb &: a "two", b "three", c "four"
      0.05 so it is
expect lines /n0>n2 packet REQ_CONTROL .* TRAVERSE_DATA/ 4
until healthy
      0.00 so it is

# A node dies when it has been asked: what it has not sent by the time limit is missing, and the others' records are there.
a: traverse x.tdb &
until line /n0>n2 packet REQ_CONTROL .* TRAVERSE_ALL/
      0.00 n0>n1 REQ_CONTROL TRAVERSE_ALL flags 0x1 24 bytes
      0.00 n0>n2 REQ_CONTROL TRAVERSE_ALL flags 0x1 24 bytes
crash n2
until idle a within 20s
      8.00 n0>n1 REQ_CONTROL TRAVERSE_KILL flags 0x1 16 bytes
      8.00 n0>n2 REQ_CONTROL TRAVERSE_KILL flags 0x1 16 bytes
      8.00 a: traverse x.tdb &: a "two", b "three", c "four"
      8.00 so it is
until healthy
     18.27 so it is
a: traverse x.tdb
      0.00 n0>n1 REQ_CONTROL TRAVERSE_ALL flags 0x1 24 bytes
      0.00 a: a "two", b "three", c "four"
expect said /^a "two", b "three", c "four"$/
