# n2 takes the read-only copy of n1 back for a writer, and the UPDATE_RECORD is on a slow link for longer than a recovery takes. It belongs
# to what was before: n1, which got the record anew, does not carry it out.
cluster 3 VacuumInterval=600 RerecoveryTimeout=1 KeepaliveInterval=60
client a n0
client b n1
client c n2
a: attach x.tdb readonly
      0.00 a: done
b: attach x.tdb readonly
      0.00 b: done
c: attach x.tdb readonly
      0.00 c: done
c: put x.tdb b one
      0.00 c: done
b: fetch-read-only x.tdb b
      0.00 b: "one"
show record x.tdb b
      0.00 x.tdb b (lmaster n2): n1 3/2 MIGRATED READONLY "one" | n2 5/2 MIGRATED DELEGATED "one"
show controls UPDATE_RECORD
show log /n1 ctdbd.*(?:UPDATE|update|generation)/
slow n2 n1 6s
c: put x.tdb b two &
run 10ms
      0.00 n2>n1 REQ_CONTROL UPDATE_RECORD 52 bytes
      0.01 x.tdb b (lmaster n2): n1 3/2 MIGRATED READONLY "one" | n2 5/2 MIGRATED DELEGATED REVOKING "one"
recover n0
      0.00 ctdb: done
until line /END_RECOVERY/
      0.01 n1 ctdbd Thaw db: x.tdb generation g1
      0.01 c: put x.tdb b two &: done
      0.04 x.tdb b (lmaster n2): n0 6/2 MIGRATED "one" | n1 5/0 MIGRATED "one" | n2 8/2 MIGRATED "two"
until recovered
      0.00 so it is
slow n2 n1 1ms
b: put x.tdb b three &
run 8s
      5.94 n1 ctdbd rejecting UPDATE_RECORD of generation g2 from node 2
      5.94 n1>n2 REPLY_CONTROL status -1 0 bytes to UPDATE_RECORD
      5.94 b: put x.tdb b three &: done
      8.00 x.tdb b (lmaster n2): n0 6/2 MIGRATED "one" | n1 10/1 MIGRATED "three" | n2 8/1 MIGRATED "two"
until idle b
      0.00 so it is
until idle c
      0.00 so it is
until healthy
      0.00 so it is
invariants
      0.00 hold
