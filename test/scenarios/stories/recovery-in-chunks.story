# A database is pulled and pushed in pieces (here of 20 kB), never as one packet; the number of records is confirmed at the end.
cluster 3 VacuumInterval=600 RecBufferSizeLimit=20000
client a n1
a: attach x.tdb
         0.2 a: done
a: fill x.tdb key 100 1k
        19.4 a: done
show controls DB_PULL DB_PUSH_START DB_PUSH_CONFIRM
show trace /packet|n\d.*REQ_MESSAGE .* RECOVERY/
hide
show trace /^n\d>n\d REQ_MESSAGE.* RECOVERY/
show controls DB_PULL DB_PUSH_START DB_PUSH_CONFIRM
recover n0
         0.1 ctdb: done
until line /END_RECOVERY/
      7990.3 n0>n1 REQ_CONTROL DB_PULL 16 bytes
      7990.3 n0>n2 REQ_CONTROL DB_PULL 16 bytes
      7990.4 n1>n0 REQ_MESSAGE 1>0 RECOVERY 20906 bytes
      7990.4 n1>n0 REQ_MESSAGE 1>0 RECOVERY 20905 bytes
      7990.4 n1>n0 REQ_MESSAGE 1>0 RECOVERY 20907 bytes
      7990.4 n1>n0 REQ_MESSAGE 1>0 RECOVERY 20906 bytes
      7990.4 n1>n0 REQ_MESSAGE 1>0 RECOVERY 20906 bytes
      7990.4 n1>n0 REPLY_CONTROL status 0 4 bytes to DB_PULL
      7990.4 n2>n0 REQ_MESSAGE 2>0 RECOVERY 1446 bytes
      7990.4 n2>n0 REPLY_CONTROL status 0 4 bytes to DB_PULL
      7991.0 n0>n1 REQ_CONTROL DB_PUSH_START 16 bytes
      7991.0 n0>n2 REQ_CONTROL DB_PUSH_START 16 bytes
      7991.1 n1>n0 REPLY_CONTROL status 0 0 bytes to DB_PUSH_START
      7991.1 n2>n0 REPLY_CONTROL status 0 0 bytes to DB_PUSH_START
      7991.3 n0>n1 REQ_MESSAGE 0>1 RECOVERY 61657 bytes
      7991.3 n0>n2 REQ_MESSAGE 0>2 RECOVERY 61657 bytes
      7991.3 n0>n1 REQ_MESSAGE 0>1 RECOVERY 42849 bytes
      7991.3 n0>n2 REQ_MESSAGE 0>2 RECOVERY 42849 bytes
      7991.7 n0>n1 REQ_CONTROL DB_PUSH_CONFIRM 4 bytes
      7991.7 n0>n2 REQ_CONTROL DB_PUSH_CONFIRM 4 bytes
      7991.8 n1>n0 REPLY_CONTROL status 0 4 bytes to DB_PUSH_CONFIRM
      7991.8 n2>n0 REPLY_CONTROL status 0 4 bytes to DB_PUSH_CONFIRM
run 1s
a: traverse x.tdb
         0.5 a: 100 records
