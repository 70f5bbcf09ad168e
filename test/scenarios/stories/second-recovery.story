# A node dies while a recovery runs, in each phase of it: a second recovery begins, without that node, and nothing is lost that another
# node has.
cluster 4 VacuumInterval=600 RerecoveryTimeout=1
client a n0
client b n1
client c n2
a: attach x.tdb
         0.3 a: done
b: attach x.tdb
         0.3 b: done
c: attach x.tdb
         0.3 c: done
c: attach p.tdb persistent
         0.3 c: done
b: put x.tdb a one
         0.3 b: done
c: put x.tdb b two
         0.3 c: done
c: transaction p.tdb k=v
         2.6 c: committed
recover n0
         0.1 ctdb: done
until line /END_RECOVERY/
run 1s
show log /Recovery|anned/

recover n0 &
until line /packet REQ_CONTROL .* SET_RECMODE /
         0.1 n0 ctdbd Recovery mode set to ACTIVE
         0.1 recover n0 &: done
         6.0 n0 ctdb-clusterd Recovery initiated due to problem with node 0
         6.5 n0 ctdb-clusterd Recovery - updated flags
kill n3
until healthy
         0.1 n1 ctdbd Recovery mode set to ACTIVE
         0.1 n2 ctdbd Recovery mode set to ACTIVE
         0.1 n0 ctdb-clusterd Recovery failed: node 3 left during recovery
        18.9 n0 ctdb-clusterd Recovery initiated due to problem with node 0
        19.4 n0 ctdb-clusterd Recovery - updated flags
        20.3 n0 ctdbd Recovery has started
        20.4 n1 ctdbd Recovery has started
        20.4 n2 ctdbd Recovery has started
        36.8 n1 ctdbd Recovery mode set to NORMAL
        43.3 n0 ctdbd Recovery mode set to NORMAL
        44.1 n2 ctdbd Recovery mode set to NORMAL
        44.1 so it is
expect value x.tdb a one
expect value x.tdb b two
expect seqnum p.tdb 1
start n3
until healthy
         0.1 n0 ctdbd Recovery has finished
         0.2 n1 ctdbd Recovery has finished
         0.2 n2 ctdbd Recovery has finished
         0.9 n0 ctdb-clusterd Recovery complete
         7.1 n0 ctdb-clusterd Recovery initiated due to problem with node 0
         7.6 n0 ctdb-clusterd Recovery - updated flags
         8.2 n0 ctdbd Recovery mode set to ACTIVE
         8.3 n1 ctdbd Recovery mode set to ACTIVE
         8.3 n2 ctdbd Recovery mode set to ACTIVE
         8.5 n0 ctdbd Recovery has started
         8.6 n1 ctdbd Recovery has started
         8.6 n2 ctdbd Recovery has started
         8.6 n3 ctdbd Recovery has started
        21.3 n2 ctdbd Recovery mode set to NORMAL
        22.2 n3 ctdbd Recovery mode set to NORMAL
        39.3 n1 ctdbd Recovery mode set to NORMAL
        54.1 n0 ctdbd Recovery mode set to NORMAL
        54.2 n0 ctdbd Recovery has finished
        54.3 n1 ctdbd Recovery has finished
        54.3 n2 ctdbd Recovery has finished
        54.3 n3 ctdbd Recovery has finished
        54.9 n0 ctdb-clusterd Recovery complete
       990.4 so it is
run 2s

recover n0 &
until line /packet REQ_CONTROL .* SETVNNMAP /
         0.1 n0 ctdbd Recovery mode set to ACTIVE
         0.1 recover n0 &: done
         6.1 n0 ctdb-clusterd Recovery initiated due to problem with node 0
         6.6 n0 ctdb-clusterd Recovery - updated flags
         7.3 n1 ctdbd Recovery mode set to ACTIVE
         7.3 n2 ctdbd Recovery mode set to ACTIVE
         7.3 n3 ctdbd Recovery mode set to ACTIVE
         7.5 n0 ctdbd Recovery has started
         7.6 n1 ctdbd Recovery has started
         7.6 n2 ctdbd Recovery has started
         7.6 n3 ctdbd Recovery has started
kill n3
until healthy
         0.1 n0 ctdb-clusterd Recovery failed: node 3 left during recovery
        18.2 n0 ctdb-clusterd Recovery initiated due to problem with node 0
        18.7 n0 ctdb-clusterd Recovery - updated flags
        19.5 n0 ctdbd Recovery has started
        19.6 n1 ctdbd Recovery has started
        19.6 n2 ctdbd Recovery has started
        51.6 n2 ctdbd Recovery mode set to NORMAL
        68.0 n1 ctdbd Recovery mode set to NORMAL
        84.5 n0 ctdbd Recovery mode set to NORMAL
        84.5 so it is
expect value x.tdb a one
expect value x.tdb b two
expect seqnum p.tdb 1
start n3
until healthy
         0.1 n0 ctdbd Recovery has finished
         0.2 n1 ctdbd Recovery has finished
         0.2 n2 ctdbd Recovery has finished
         0.8 n0 ctdb-clusterd Recovery complete
         7.1 n0 ctdb-clusterd Recovery initiated due to problem with node 0
         7.6 n0 ctdb-clusterd Recovery - updated flags
         8.2 n0 ctdbd Recovery mode set to ACTIVE
         8.3 n1 ctdbd Recovery mode set to ACTIVE
         8.3 n2 ctdbd Recovery mode set to ACTIVE
         8.4 n0 ctdbd Recovery has started
         8.5 n1 ctdbd Recovery has started
         8.5 n2 ctdbd Recovery has started
         8.5 n3 ctdbd Recovery has started
        24.3 n0 ctdbd Recovery mode set to NORMAL
        55.3 n2 ctdbd Recovery mode set to NORMAL
        58.2 n1 ctdbd Recovery mode set to NORMAL
        68.4 n3 ctdbd Recovery mode set to NORMAL
        68.5 n0 ctdbd Recovery has finished
        68.6 n1 ctdbd Recovery has finished
        68.6 n2 ctdbd Recovery has finished
        68.6 n3 ctdbd Recovery has finished
        69.3 n0 ctdb-clusterd Recovery complete
       907.6 so it is
run 2s

recover n0 &
until line /packet REQ_CONTROL .* DB_FREEZE /
         0.0 n0 ctdbd Recovery mode set to ACTIVE
         0.1 recover n0 &: done
         6.0 n0 ctdb-clusterd Recovery initiated due to problem with node 0
         6.6 n0 ctdb-clusterd Recovery - updated flags
         7.2 n1 ctdbd Recovery mode set to ACTIVE
         7.2 n2 ctdbd Recovery mode set to ACTIVE
         7.2 n3 ctdbd Recovery mode set to ACTIVE
         7.4 n0 ctdbd Recovery has started
         7.5 n1 ctdbd Recovery has started
         7.5 n2 ctdbd Recovery has started
         7.5 n3 ctdbd Recovery has started
kill n3
until healthy
         0.1 n0 ctdb-clusterd Recovery failed: node 3 left during recovery
        17.4 n0 ctdb-clusterd Recovery initiated due to problem with node 0
        17.9 n0 ctdb-clusterd Recovery - updated flags
        18.8 n0 ctdbd Recovery has started
        18.9 n1 ctdbd Recovery has started
        18.9 n2 ctdbd Recovery has started
        58.9 n2 ctdbd Recovery mode set to NORMAL
        75.7 n0 ctdbd Recovery mode set to NORMAL
        80.7 n1 ctdbd Recovery mode set to NORMAL
        80.7 so it is
expect value x.tdb a one
expect value x.tdb b two
expect seqnum p.tdb 1
start n3
until healthy
         0.2 n0 ctdbd Recovery has finished
         0.3 n1 ctdbd Recovery has finished
         0.3 n2 ctdbd Recovery has finished
         0.9 n0 ctdb-clusterd Recovery complete
         7.2 n0 ctdb-clusterd Recovery initiated due to problem with node 0
         7.7 n0 ctdb-clusterd Recovery - updated flags
         8.3 n0 ctdbd Recovery mode set to ACTIVE
         8.4 n1 ctdbd Recovery mode set to ACTIVE
         8.4 n2 ctdbd Recovery mode set to ACTIVE
         8.6 n0 ctdbd Recovery has started
         8.7 n1 ctdbd Recovery has started
         8.7 n2 ctdbd Recovery has started
         8.7 n3 ctdbd Recovery has started
        40.4 n2 ctdbd Recovery mode set to NORMAL
        43.4 n0 ctdbd Recovery mode set to NORMAL
        57.4 n3 ctdbd Recovery mode set to NORMAL
        63.9 n1 ctdbd Recovery mode set to NORMAL
        64.1 n0 ctdbd Recovery has finished
        64.2 n1 ctdbd Recovery has finished
        64.2 n2 ctdbd Recovery has finished
        64.2 n3 ctdbd Recovery has finished
        64.8 n0 ctdb-clusterd Recovery complete
       910.7 so it is
run 2s

recover n0 &
until line /packet REQ_CONTROL .* DB_PULL /
         0.1 n0 ctdbd Recovery mode set to ACTIVE
         0.1 recover n0 &: done
         6.1 n0 ctdb-clusterd Recovery initiated due to problem with node 0
         6.6 n0 ctdb-clusterd Recovery - updated flags
         7.3 n1 ctdbd Recovery mode set to ACTIVE
         7.3 n2 ctdbd Recovery mode set to ACTIVE
         7.3 n3 ctdbd Recovery mode set to ACTIVE
         7.5 n0 ctdbd Recovery has started
         7.6 n1 ctdbd Recovery has started
         7.6 n2 ctdbd Recovery has started
         7.6 n3 ctdbd Recovery has started
kill n3
until healthy
         0.2 n0 ctdb-clusterd Recovery failed: node 3 left during recovery
        16.8 n0 ctdb-clusterd Recovery initiated due to problem with node 0
        17.4 n0 ctdb-clusterd Recovery - updated flags
        18.2 n0 ctdbd Recovery has started
        18.3 n1 ctdbd Recovery has started
        18.3 n2 ctdbd Recovery has started
        38.7 n2 ctdbd Recovery mode set to NORMAL
        74.4 n1 ctdbd Recovery mode set to NORMAL
        79.8 n0 ctdbd Recovery mode set to NORMAL
        79.8 so it is
expect value x.tdb a one
expect value x.tdb b two
expect seqnum p.tdb 1
start n3
until healthy
         0.1 n0 ctdbd Recovery has finished
         0.2 n1 ctdbd Recovery has finished
         0.2 n2 ctdbd Recovery has finished
         0.8 n0 ctdb-clusterd Recovery complete
         7.0 n0 ctdb-clusterd Recovery initiated due to problem with node 0
         7.5 n0 ctdb-clusterd Recovery - updated flags
         8.1 n0 ctdbd Recovery mode set to ACTIVE
         8.2 n1 ctdbd Recovery mode set to ACTIVE
         8.2 n2 ctdbd Recovery mode set to ACTIVE
         8.4 n0 ctdbd Recovery has started
         8.5 n1 ctdbd Recovery has started
         8.5 n2 ctdbd Recovery has started
         8.5 n3 ctdbd Recovery has started
        24.2 n2 ctdbd Recovery mode set to NORMAL
        42.3 n0 ctdbd Recovery mode set to NORMAL
        46.3 n3 ctdbd Recovery mode set to NORMAL
        47.1 n1 ctdbd Recovery mode set to NORMAL
        47.3 n0 ctdbd Recovery has finished
        47.4 n1 ctdbd Recovery has finished
        47.4 n2 ctdbd Recovery has finished
        47.4 n3 ctdbd Recovery has finished
        48.0 n0 ctdb-clusterd Recovery complete
       911.0 so it is
run 2s

recover n0 &
until line /packet REQ_CONTROL .* DB_PUSH_START /
         0.1 n0 ctdbd Recovery mode set to ACTIVE
         0.1 recover n0 &: done
         6.1 n0 ctdb-clusterd Recovery initiated due to problem with node 0
         6.6 n0 ctdb-clusterd Recovery - updated flags
         7.3 n1 ctdbd Recovery mode set to ACTIVE
         7.3 n2 ctdbd Recovery mode set to ACTIVE
         7.3 n3 ctdbd Recovery mode set to ACTIVE
         7.5 n0 ctdbd Recovery has started
         7.6 n1 ctdbd Recovery has started
         7.6 n2 ctdbd Recovery has started
         7.6 n3 ctdbd Recovery has started
kill n3
until healthy
         0.1 n0 ctdb-clusterd Recovery failed: node 3 left during recovery
        16.2 n0 ctdb-clusterd Recovery initiated due to problem with node 0
        16.7 n0 ctdb-clusterd Recovery - updated flags
        17.6 n0 ctdbd Recovery has started
        17.7 n1 ctdbd Recovery has started
        17.7 n2 ctdbd Recovery has started
        37.8 n0 ctdbd Recovery mode set to NORMAL
        40.6 n2 ctdbd Recovery mode set to NORMAL
        53.4 n1 ctdbd Recovery mode set to NORMAL
        53.4 so it is
expect value x.tdb a one
expect value x.tdb b two
expect seqnum p.tdb 1
start n3
until healthy
         0.2 n0 ctdbd Recovery has finished
         0.3 n1 ctdbd Recovery has finished
         0.3 n2 ctdbd Recovery has finished
         0.9 n0 ctdb-clusterd Recovery complete
         7.1 n0 ctdb-clusterd Recovery initiated due to problem with node 0
         7.6 n0 ctdb-clusterd Recovery - updated flags
         8.2 n0 ctdbd Recovery mode set to ACTIVE
         8.3 n1 ctdbd Recovery mode set to ACTIVE
         8.3 n2 ctdbd Recovery mode set to ACTIVE
         8.5 n0 ctdbd Recovery has started
         8.6 n1 ctdbd Recovery has started
         8.6 n2 ctdbd Recovery has started
         8.6 n3 ctdbd Recovery has started
        29.9 n2 ctdbd Recovery mode set to NORMAL
        61.7 n1 ctdbd Recovery mode set to NORMAL
        66.7 n3 ctdbd Recovery mode set to NORMAL
        71.7 n0 ctdbd Recovery mode set to NORMAL
        71.8 n0 ctdbd Recovery has finished
        71.9 n1 ctdbd Recovery has finished
        71.9 n2 ctdbd Recovery has finished
        71.9 n3 ctdbd Recovery has finished
        72.5 n0 ctdb-clusterd Recovery complete
       936.7 so it is
run 2s

recover n0 &
until line /packet REQ_CONTROL .* DB_TRANSACTION_COMMIT /
         0.1 n0 ctdbd Recovery mode set to ACTIVE
         0.1 recover n0 &: done
         6.0 n0 ctdb-clusterd Recovery initiated due to problem with node 0
         6.5 n0 ctdb-clusterd Recovery - updated flags
         7.2 n1 ctdbd Recovery mode set to ACTIVE
         7.2 n2 ctdbd Recovery mode set to ACTIVE
         7.2 n3 ctdbd Recovery mode set to ACTIVE
         7.3 n0 ctdbd Recovery has started
         7.4 n1 ctdbd Recovery has started
         7.4 n2 ctdbd Recovery has started
         7.4 n3 ctdbd Recovery has started
kill n3
until healthy
         0.1 n0 ctdb-clusterd Recovery failed: node 3 left during recovery
        15.6 n0 ctdb-clusterd Recovery initiated due to problem with node 0
        16.1 n0 ctdb-clusterd Recovery - updated flags
        16.9 n0 ctdbd Recovery has started
        17.0 n1 ctdbd Recovery has started
        17.0 n2 ctdbd Recovery has started
        35.6 n2 ctdbd Recovery mode set to NORMAL
        56.2 n0 ctdbd Recovery mode set to NORMAL
        67.7 n1 ctdbd Recovery mode set to NORMAL
        67.7 so it is
expect value x.tdb a one
expect value x.tdb b two
expect seqnum p.tdb 1
start n3
until healthy
         0.1 n0 ctdbd Recovery has finished
         0.2 n1 ctdbd Recovery has finished
         0.2 n2 ctdbd Recovery has finished
         0.9 n0 ctdb-clusterd Recovery complete
         7.1 n0 ctdb-clusterd Recovery initiated due to problem with node 0
         7.6 n0 ctdb-clusterd Recovery - updated flags
         8.2 n0 ctdbd Recovery mode set to ACTIVE
         8.3 n1 ctdbd Recovery mode set to ACTIVE
         8.3 n2 ctdbd Recovery mode set to ACTIVE
         8.5 n0 ctdbd Recovery has started
         8.6 n1 ctdbd Recovery has started
         8.6 n2 ctdbd Recovery has started
         8.6 n3 ctdbd Recovery has started
        23.3 n0 ctdbd Recovery mode set to NORMAL
        33.9 n3 ctdbd Recovery mode set to NORMAL
        42.1 n1 ctdbd Recovery mode set to NORMAL
        42.7 n2 ctdbd Recovery mode set to NORMAL
        42.8 n0 ctdbd Recovery has finished
        42.9 n1 ctdbd Recovery has finished
        42.9 n2 ctdbd Recovery has finished
        42.9 n3 ctdbd Recovery has finished
        43.5 n0 ctdb-clusterd Recovery complete
       921.8 so it is
run 2s

recover n0 &
until line /packet REQ_CONTROL .* END_RECOVERY /
         0.1 n0 ctdbd Recovery mode set to ACTIVE
         0.1 recover n0 &: done
         6.1 n0 ctdb-clusterd Recovery initiated due to problem with node 0
         6.6 n0 ctdb-clusterd Recovery - updated flags
         7.3 n1 ctdbd Recovery mode set to ACTIVE
         7.3 n2 ctdbd Recovery mode set to ACTIVE
         7.3 n3 ctdbd Recovery mode set to ACTIVE
         7.5 n0 ctdbd Recovery has started
         7.6 n1 ctdbd Recovery has started
         7.6 n2 ctdbd Recovery has started
         7.6 n3 ctdbd Recovery has started
        31.2 n0 ctdbd Recovery mode set to NORMAL
        35.8 n2 ctdbd Recovery mode set to NORMAL
        46.2 n1 ctdbd Recovery mode set to NORMAL
        57.2 n3 ctdbd Recovery mode set to NORMAL
        57.3 n0 ctdbd Recovery has finished
kill n3
until healthy
         0.1 n1 ctdbd Recovery has finished
         0.1 n2 ctdbd Recovery has finished
         0.1 n0 ctdb-clusterd Recovery failed: node 3 left during recovery
         6.1 n0 ctdb-clusterd Recovery initiated due to problem with node 0
         6.6 n0 ctdb-clusterd Recovery - updated flags
         7.2 n0 ctdbd Recovery mode set to ACTIVE
         7.3 n1 ctdbd Recovery mode set to ACTIVE
         7.3 n2 ctdbd Recovery mode set to ACTIVE
         7.5 n0 ctdbd Recovery has started
         7.6 n1 ctdbd Recovery has started
         7.6 n2 ctdbd Recovery has started
        24.8 n2 ctdbd Recovery mode set to NORMAL
        27.3 n0 ctdbd Recovery mode set to NORMAL
        62.4 n1 ctdbd Recovery mode set to NORMAL
        62.4 so it is
expect value x.tdb a one
expect value x.tdb b two
expect seqnum p.tdb 1
start n3
until healthy
         0.2 n0 ctdbd Recovery has finished
         0.3 n1 ctdbd Recovery has finished
         0.3 n2 ctdbd Recovery has finished
         0.9 n0 ctdb-clusterd Recovery complete
         7.1 n0 ctdb-clusterd Recovery initiated due to problem with node 0
         7.6 n0 ctdb-clusterd Recovery - updated flags
         8.2 n0 ctdbd Recovery mode set to ACTIVE
         8.3 n1 ctdbd Recovery mode set to ACTIVE
         8.3 n2 ctdbd Recovery mode set to ACTIVE
         8.5 n0 ctdbd Recovery has started
         8.6 n1 ctdbd Recovery has started
         8.6 n2 ctdbd Recovery has started
         8.6 n3 ctdbd Recovery has started
        34.7 n2 ctdbd Recovery mode set to NORMAL
        38.9 n0 ctdbd Recovery mode set to NORMAL
        53.9 n3 ctdbd Recovery mode set to NORMAL
        71.1 n1 ctdbd Recovery mode set to NORMAL
        71.3 n0 ctdbd Recovery has finished
        71.4 n1 ctdbd Recovery has finished
        71.4 n2 ctdbd Recovery has finished
        71.4 n3 ctdbd Recovery has finished
        72.0 n0 ctdb-clusterd Recovery complete
       880.3 so it is
run 2s

# The administrator asks for another one in the middle.
recover n0 &
until line /packet REQ_CONTROL .* DB_PULL /
         0.1 n0 ctdbd Recovery mode set to ACTIVE
         0.1 recover n0 &: done
         6.1 n0 ctdb-clusterd Recovery initiated due to problem with node 0
         6.6 n0 ctdb-clusterd Recovery - updated flags
         7.3 n1 ctdbd Recovery mode set to ACTIVE
         7.3 n2 ctdbd Recovery mode set to ACTIVE
         7.3 n3 ctdbd Recovery mode set to ACTIVE
         7.5 n0 ctdbd Recovery has started
         7.6 n1 ctdbd Recovery has started
         7.6 n2 ctdbd Recovery has started
         7.6 n3 ctdbd Recovery has started
recover n1
         0.1 ctdb: done
until healthy
        22.8 n0 ctdbd Recovery mode set to NORMAL
        47.4 n1 ctdbd Recovery mode set to NORMAL
        56.6 n3 ctdbd Recovery mode set to NORMAL
        58.5 n2 ctdbd Recovery mode set to NORMAL
        58.5 so it is
run 3s
         0.1 n0 ctdbd Recovery has finished
         0.2 n1 ctdbd Recovery has finished
         0.2 n2 ctdbd Recovery has finished
         0.2 n3 ctdbd Recovery has finished
         0.9 n0 ctdb-clusterd Recovery complete
expect value x.tdb a one
expect value x.tdb b two
expect lines /SET_BAN_STATE/ 0
