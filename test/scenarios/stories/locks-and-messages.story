# A lock of the whole cluster, and messages: the holder of the lock is killed, and who waits gets it.
cluster 3
client a n0
client b n1
client c n2
a: listen 1
      0.00 a: listens
b: listen 1
      0.00 b: listens
c: message n0 1 hello
      0.00 c: sent
a: message n1 1 "how are you"
      0.00 a: sent
run 10ms
      0.00 a hears "hello"
      0.00 b hears "how are you"
a: glock turn
      0.00 a: has it
b: glock turn &
run 1s
expect waiting b
a: kill
      0.00 a: is killed
until idle b
      0.05 b: glock turn &: has it
      0.05 so it is
c: glock turn &
b: gunlock turn
      0.00 b: done
until idle c
      0.00 c: glock turn &: has it
      0.00 so it is
c: gunlock turn
      0.00 c: done
# To a process that is not there any more: lost, as a datagram.
b: message n0 1 "are you there"
      0.00 b: sent
run 10ms
