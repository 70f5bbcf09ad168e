# As the zombie record, with a banned node that had the only owner of the record, with the highest rsn: what it had is lost, and the value before
# counts.
cluster 3 VacuumInterval=600
client a n0
client c n2
a: attach x.tdb
c: attach x.tdb
a: put x.tdb b first
c: put x.tdb b second
show record x.tdb b
show states
run 1s
ban n2 15s
until recovered
expect value x.tdb b first
expect flags n2 BANNED
a: put x.tdb b third
until healthy
expect value x.tdb b third
c: read x.tdb b
