# Zombie record: a record is deleted and vacuumed while one node is stopped; the old copy of that node must not come back with it.
# An inactive node marks its copies as invalid when it becomes inactive, and offers none to the recovery after it continues.
cluster 3 VacuumInterval=600
client a n0
client b n1
client c n2
a: attach x.tdb
b: attach x.tdb
c: attach x.tdb
# Each node gets a copy with data, n2 the newest but one.
c: put x.tdb b old
a: put x.tdb b newer
c: put x.tdb d older
a: put x.tdb d old
c: put x.tdb d old-and-high
show record x.tdb b
show record x.tdb d
run 1s

stop n2
until recovered
show calls x.tdb b
# n2 keeps its copy; n0 and n1 have what the recovery gave them. Now the record is deleted.
a: drop x.tdb b
a: drop x.tdb d
vacuum n0 x.tdb
vacuum n1 x.tdb
vacuum n0 x.tdb
run 100ms
vacuum n1 x.tdb
vacuum n0 x.tdb
expect value x.tdb b none
# The other one is made anew, with a lower rsn than that of the copy on n2.
a: put x.tdb d new
show controls DB_PULL WIPE_DATABASE
continue n2
until healthy
expect gone x.tdb b
expect value x.tdb d new
a: traverse x.tdb
c: read x.tdb b
