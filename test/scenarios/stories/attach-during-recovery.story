# Databases that are attached while a recovery runs are there on all nodes after it, with the same generation.
cluster 3 VacuumInterval=600
client a n0
client b n1
client c n2
client smbd n1
a: attach x.tdb
      0.00 a: done
smbd: hold x.tdb a
      0.00 smbd: holds the chain
show controls DB_ATTACH DB_FREEZE
recover n0
      0.00 ctdb: done
until line /packet REQ_CONTROL .* DB_FREEZE/
      7.58 n0>n1 REQ_CONTROL DB_FREEZE 4 bytes
      7.58 n0>n2 REQ_CONTROL DB_FREEZE 4 bytes
run 100ms
      0.00 n2>n0 REPLY_CONTROL status 0 0 bytes to DB_FREEZE
b: attach y.tdb &
c: attach z.tdb persistent &
run 1s
expect waiting b
expect waiting c
smbd: let-go x.tdb a
      0.00 smbd: done
until idle b
      0.00 n1>n0 REPLY_CONTROL status 0 0 bytes to DB_FREEZE
      0.03 n1>n0 REQ_CONTROL DB_ATTACH flags 0x1 6 bytes
      0.03 n1>n2 REQ_CONTROL DB_ATTACH flags 0x1 6 bytes
      0.03 n2>n0 REQ_CONTROL DB_ATTACH flags 0x1 6 bytes
      0.03 n2>n1 REQ_CONTROL DB_ATTACH flags 0x1 6 bytes
      0.03 n0>n1 REQ_CONTROL DB_ATTACH flags 0x1 6 bytes
      0.03 n0>n2 REQ_CONTROL DB_ATTACH flags 0x1 6 bytes
      0.03 b: attach y.tdb &: done
      0.03 so it is
until idle c
      0.00 c: attach z.tdb persistent &: done
      0.00 so it is
until healthy
      0.00 so it is
b: put y.tdb a one
      0.00 b: done
c: transaction z.tdb k=v
      0.00 n2>n0 REQ_CONTROL DB_ATTACH flags 0x1 11 bytes
      0.00 n2>n1 REQ_CONTROL DB_ATTACH flags 0x1 11 bytes
      0.00 n0>n1 REQ_CONTROL DB_ATTACH flags 0x1 11 bytes
      0.00 n0>n2 REQ_CONTROL DB_ATTACH flags 0x1 11 bytes
      0.00 n1>n0 REQ_CONTROL DB_ATTACH flags 0x1 11 bytes
      0.00 n1>n2 REQ_CONTROL DB_ATTACH flags 0x1 11 bytes
      0.00 c: committed
a: attach y.tdb
      0.00 a: done
a: attach z.tdb persistent
      0.00 a: done
a: read y.tdb a
      0.00 a: "one"
a: read z.tdb k
      0.00 a: "v"
