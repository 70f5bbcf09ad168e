// The simulated TDB files against the conformance suite of the real ones.
import { MemoryDisk } from "../../../../src/simulator/files/memory-disk.js";
import { FakeTime } from "../../fake-time.js";
import { describeTdbFile } from "../../tdb/conformance.js";

const time = new FakeTime();
// The suite marks locks that nobody holds: libtdb does not look.
const disk = new MemoryDisk({ timers: time, random: { uint32: () => 0 } }, { checkMarks: false });
const daemon = disk.startProcess(1, "ctdbd", time);
let files = 0;

describeTdbFile("in memory", { opener: daemon, newPath: () => `/disk/${++files}.tdb`, hasMutexes: true });
