# A database is pulled and pushed in pieces (here of 100 kB), never as one packet; the number of records is confirmed at the end.
cluster 3 VacuumInterval=600 RecBufferSizeLimit=100000
client a n1
a: attach x.tdb
      0.00 a: done
a: fill x.tdb key 300 1k
      0.06 a: done
show trace / n\d>n\d packet REQ_MESSAGE.* RECOVERY/
show controls DB_PULL DB_PUSH_START DB_PUSH_CONFIRM
recover n0
      0.00 ctdb: done
until line /END_RECOVERY/
      7.52 n0>n1 REQ_CONTROL DB_PULL 16 bytes
      7.52 n0>n2 REQ_CONTROL DB_PULL 16 bytes
      7.52 n1>n0 REQ_MESSAGE 1>0 RECOVERY 100388 bytes
      7.52 n1>n0 REQ_MESSAGE 1>0 RECOVERY 100392 bytes
      7.52 n1>n0 REQ_MESSAGE 1>0 RECOVERY 100384 bytes
      7.52 n1>n0 REQ_MESSAGE 1>0 RECOVERY 12558 bytes
      7.52 n1>n0 REPLY_CONTROL status 0 4 bytes to DB_PULL
      7.52 n2>n0 REQ_MESSAGE 2>0 RECOVERY 4436 bytes
      7.52 n2>n0 REPLY_CONTROL status 0 4 bytes to DB_PULL
      7.52 n0>n1 REQ_CONTROL DB_PUSH_START 16 bytes
      7.52 n0>n2 REQ_CONTROL DB_PUSH_START 16 bytes
      7.52 n1>n0 REPLY_CONTROL status 0 0 bytes to DB_PUSH_START
      7.52 n2>n0 REPLY_CONTROL status 0 0 bytes to DB_PUSH_START
      7.52 n0>n1 REQ_MESSAGE 0>1 RECOVERY 55424 bytes
      7.52 n0>n2 REQ_MESSAGE 0>2 RECOVERY 55424 bytes
      7.52 n0>n1 REQ_MESSAGE 0>1 RECOVERY 99346 bytes
      7.52 n0>n2 REQ_MESSAGE 0>2 RECOVERY 99346 bytes
      7.52 n0>n1 REQ_MESSAGE 0>1 RECOVERY 99341 bytes
      7.52 n0>n2 REQ_MESSAGE 0>2 RECOVERY 99341 bytes
      7.52 n0>n1 REQ_MESSAGE 0>1 RECOVERY 59611 bytes
      7.52 n0>n2 REQ_MESSAGE 0>2 RECOVERY 59611 bytes
      7.52 n0>n1 REQ_CONTROL DB_PUSH_CONFIRM 4 bytes
      7.52 n0>n2 REQ_CONTROL DB_PUSH_CONFIRM 4 bytes
      7.52 n1>n0 REPLY_CONTROL status 0 4 bytes to DB_PUSH_CONFIRM
      7.52 n2>n0 REPLY_CONTROL status 0 4 bytes to DB_PUSH_CONFIRM
run 1s
a: traverse x.tdb
      0.00 a: 300 records
