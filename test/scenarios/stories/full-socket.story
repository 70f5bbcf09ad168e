# Busy loop on write: n1's machine stands still, and a client of n0 sends it more than its socket takes. The daemon of n0 neither goes
# round in circles nor holds up those who want something of n2. When n1 goes on it gets all that was sent, in order.
cluster 3 VacuumInterval=600
client a n0
client b n0
client c n1
client d n2
b: attach x.tdb
      0.00 b: done
d: attach x.tdb
      0.00 d: done
d: put x.tdb a one
      0.00 d: done
c: listen 1 counting
      0.00 c: listens
show states
pause n1 12s
a: flood n1 1 400 64k &
run 10s
b: put x.tdb b two within 1s
      0.00 b: done
d: put x.tdb b three within 1s
      0.00 d: done
expect waiting a
expect steps 20000
until idle a
      2.25 a: flood n1 1 400 64k &: all sent
      2.25 so it is
run 5s
expect heard c 400
until healthy
      0.00 so it is
