# A push that was started and is never confirmed: its leader died, and the database is thawed. The node must take and respect locks as
# before; C's ctdbd goes on as if it held all of them, and would give the record away under the hands of the process that has it.
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
show controls DB_PUSH_START DB_PUSH_CONFIRM
freeze n1 x.tdb
      0.00 ctdb: done
push-start n1 x.tdb
      0.00 ctdb: done
thaw n1 x.tdb
      0.00 ctdb: done
smbd: hold x.tdb b
      0.00 smbd: holds the chain
a: lock x.tdb b &
run 5s
      0.00 n0>n2 REQ_CALL gen g1 x.tdb b call NULL flags 0x1 hops 0
      0.00 n2>n1 REQ_CALL (0>1) gen g1 x.tdb b call NULL flags 0x1 hops 1
expect waiting a
expect owner x.tdb b n1
smbd: let-go x.tdb b
      0.00 smbd: done
until idle a
      0.00 n1>n2 REQ_DMASTER gen g1 x.tdb b rsn 3 to 0 flags 0x10000 3 bytes
      0.00 n2>n0 REPLY_DMASTER gen g1 x.tdb b rsn 3 flags 0x10000 3 bytes
      0.00 a: lock x.tdb b &: has it, rsn 5, "one"
      0.00 so it is
a: store x.tdb b two
      0.00 a: done
a: unlock x.tdb b
      0.00 a: done

# The leader dies between start and confirmation. The next one begins again with a push of its own.
recover n0
      0.00 ctdb: done
until line /END_RECOVERY/
      2.58 n0>n1 REQ_CONTROL DB_PUSH_START 16 bytes
      2.58 n0>n2 REQ_CONTROL DB_PUSH_START 16 bytes
      2.58 n1>n0 REPLY_CONTROL status 0 0 bytes to DB_PUSH_START
      2.58 n2>n0 REPLY_CONTROL status 0 0 bytes to DB_PUSH_START
      2.59 n0>n1 REQ_CONTROL DB_PUSH_CONFIRM 4 bytes
      2.59 n0>n2 REQ_CONTROL DB_PUSH_CONFIRM 4 bytes
      2.59 n1>n0 REPLY_CONTROL status 0 4 bytes to DB_PUSH_CONFIRM
      2.59 n2>n0 REPLY_CONTROL status 0 4 bytes to DB_PUSH_CONFIRM
until healthy
      0.00 so it is
recover n0
      0.00 ctdb: done
until line /n0>n1 packet REQ_CONTROL .* DB_PUSH_START/
     10.01 n0>n1 REQ_CONTROL DB_PUSH_START 16 bytes
     10.01 n0>n2 REQ_CONTROL DB_PUSH_START 16 bytes
kill n0
until healthy
      0.14 n1>n2 REQ_CONTROL DB_PUSH_START 16 bytes
      0.14 n2>n1 REPLY_CONTROL status 0 0 bytes to DB_PUSH_START
      0.14 n1>n2 REQ_CONTROL DB_PUSH_CONFIRM 4 bytes
      0.14 n2>n1 REPLY_CONTROL status 0 4 bytes to DB_PUSH_CONFIRM
      0.18 so it is
expect value x.tdb b two
smbd: hold x.tdb b
      0.00 smbd: holds the chain
b: put x.tdb b three &
run 2s
expect waiting b
smbd: let-go x.tdb b
      0.00 smbd: done
until idle b
      0.00 b: put x.tdb b three &: done
      0.00 so it is
