# The helper that waits for locks dies: while a request waits for it, and while it holds a frozen database. C's ctdbd crashes of the
# latter.
cluster 3 VacuumInterval=600
client a n0
client b n1
client smbd n1
a: attach x.tdb
      0.00 a: done
b: attach x.tdb
      0.00 b: done
b: put x.tdb b one
      0.00 b: done
show calls x.tdb b
show log /helper|Freeze|frozen|lockd/
show trace /n1 ctdb-lockd process/

# A request waits in it.
smbd: hold x.tdb b
      0.00 smbd: holds the chain
a: lock x.tdb b &
run 100ms
      0.00 n0>n2 REQ_CALL gen g1 x.tdb b call NULL flags 0x1 hops 0
      0.00 n2>n1 REQ_CALL (0>1) gen g1 x.tdb b call NULL flags 0x1 hops 1
kill-helpers n1 ctdb-lockd
      0.00 n1 ctdb-lockd ends, SIGKILL
      0.00 n1 ctdb-lockd ends, SIGKILL
      0.00 2 killed
run 2s
      0.00 n1 ctdbd ctdb-lockd (pid ...) ended with SIGKILL
      0.00 n1 ctdbd The lock helper died with 1 waits; it is started again
      0.05 n1 ctdb-lockd begins, pid ...
      1.00 n1 ctdb-lockd begins, pid ...
expect waiting a
smbd: let-go x.tdb b
      0.00 smbd: done
until idle a
      0.00 n1>n2 REQ_DMASTER gen g1 x.tdb b rsn 3 to 0 flags 0x10000 3 bytes
      0.00 n2>n0 REPLY_DMASTER gen g1 x.tdb b rsn 3 flags 0x10000 3 bytes
      0.00 a: lock x.tdb b &: has it, rsn 5, "one"
      0.00 so it is
a: unlock x.tdb b
      0.00 a: done

# It holds a frozen database.
freeze n1 x.tdb
      0.00 n1 ctdbd Freeze db: x.tdb
      0.00 ctdb: done
b: put x.tdb b two &
run 100ms
expect waiting b
kill-helpers n1 ctdb-lockd
      0.00 n1 ctdb-lockd ends, SIGKILL
      0.00 n1 ctdb-lockd ends, SIGKILL
      0.00 2 killed
run 3s
      0.00 n1 ctdbd ctdb-lockd (pid ...) ended with SIGKILL
      0.00 n1 ctdbd The lock helper died with 0 waits; it is started again
      0.10 n1 ctdb-lockd begins, pid ...
      1.00 n1 ctdb-lockd begins, pid ...
recover n0
      0.00 ctdb: done
until line /END_RECOVERY/
      2.38 n0 ctdbd Freeze db: x.tdb
      2.38 n2 ctdbd Freeze db: x.tdb
      2.39 n1>n2 REQ_CALL gen g2 x.tdb b call NULL flags 0x1 hops 0
      2.39 n2>n0 REQ_CALL (1>0) gen g2 x.tdb b call NULL flags 0x1 hops 1
      2.39 n0>n2 REQ_DMASTER gen g2 x.tdb b rsn 6 to 1 flags 0x10000 3 bytes
      2.39 n2>n1 REPLY_DMASTER gen g2 x.tdb b rsn 6 flags 0x10000 3 bytes
      2.39 b: put x.tdb b two &: done
until healthy
      0.00 so it is
until idle b
      0.00 so it is
expect value x.tdb b two
