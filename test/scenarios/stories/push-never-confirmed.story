# A push that was started and is never confirmed: the leader dies in between. When the database is thawed, the node takes and respects
# locks as before. C's ctdbd goes on as if all were locked.
cluster 3 VacuumInterval=600
client a n0
client b n1
client smbd n1
a: attach x.tdb
         0.3 a: done
b: attach x.tdb
         0.2 b: done
a: put x.tdb b one
         0.2 a: done
show controls DB_PUSH_START DB_PUSH_CONFIRM DB_TRANSACTION_CANCEL DB_THAW
recover n0
         0.1 ctdb: done
until line /n0>n1 packet REQ_CONTROL .* DB_PUSH_START/
      8009.7 n0>n1 REQ_CONTROL DB_PUSH_START 16 bytes
      8009.7 n0>n2 REQ_CONTROL DB_PUSH_START 16 bytes
run 1ms
         0.1 n1>n0 REPLY_CONTROL status 0 0 bytes to DB_PUSH_START
         0.1 n2>n0 REPLY_CONTROL status 0 0 bytes to DB_PUSH_START
         0.5 n0>n1 REQ_CONTROL DB_PUSH_CONFIRM 4 bytes
         0.5 n0>n2 REQ_CONTROL DB_PUSH_CONFIRM 4 bytes
         0.6 n1>n0 REPLY_CONTROL status 0 4 bytes to DB_PUSH_CONFIRM
         0.6 n2>n0 REPLY_CONTROL status 0 4 bytes to DB_PUSH_CONFIRM
block n0 n1
block n1 n0
kill n0
until recovered
       162.7 n2>n1 REQ_CONTROL DB_PUSH_START 16 bytes
       162.8 n1>n2 REPLY_CONTROL status 0 0 bytes to DB_PUSH_START
       163.2 n2>n1 REQ_CONTROL DB_PUSH_CONFIRM 4 bytes
       163.3 n1>n2 REPLY_CONTROL status 0 4 bytes to DB_PUSH_CONFIRM
       163.7 n2>n1 REQ_CONTROL DB_THAW 4 bytes
       163.8 n1>n2 REPLY_CONTROL status 0 0 bytes to DB_THAW
       192.2 so it is
