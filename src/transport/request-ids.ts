// One space of 31-bit ids for calls, controls, traverses and client connections of a daemon.

/** C daemons start here too, so that the wrap-around is exercised early in every process. */
const FIRST_ID = 0x7fffffff - 200;
const LAST_ID = 0x7fffffff;

export class RequestIds {
  private next = FIRST_ID;
  private readonly used = new Set<number>();

  /** Never gives out 0 or 0xFFFFFFFF; ids are reused as late as possible, since late replies are matched by id only. */
  allocate(): number {
    let id = this.next;
    while (this.used.has(id)) id = id >= LAST_ID ? 1 : id + 1;
    this.next = id >= LAST_ID ? 1 : id + 1;
    this.used.add(id);
    return id;
  }

  release(id: number): void {
    this.used.delete(id);
  }
}
