// The simulated TDB files against the conformance suite of the real ones.
import { MemoryDisk } from "../../../../src/simulator/files/memory-disk.js";
import { FakeTime } from "../../fake-time.js";
import { describeTdbFile } from "../../tdb/conformance.js";
import { openSimulatedPeer } from "./simulated-peer.js";

const PASS_MS = 50;
const time = new FakeTime();
// The suite marks locks that nobody holds: libtdb does not look.
const disk = new MemoryDisk({ timers: time, random: { uint32: () => 0 } }, { checkMarks: false });
let files = 0;
let lastPid = 1;

describeTdbFile("in memory", {
  opener: disk.startProcess(1, "ctdbd", time),
  newPath: () => `/disk/${++files}.tdb`,
  hasMutexes: true,
  openPeer: async (path, flags) => openSimulatedPeer(disk, ++lastPid, time, path, flags),
  until: async (promise) => {
    time.advance(PASS_MS);
    return promise;
  },
  pass: async () => time.advance(PASS_MS),
});
