// Who on this node listens to which srvid. A srvid is two 32-bit words here, so that dispatching a message costs no BigInt.

export interface MessageListener<Owner> {
  readonly owner: Owner;
  readonly srvidHi: number;
  readonly srvidLo: number;
}

const ALL = 0xffffffff;

export class SrvidTable<Owner> {
  private readonly byHi = new Map<number, Map<number, MessageListener<Owner>[]>>();
  private readonly byOwner = new Map<Owner, Set<MessageListener<Owner>>>();

  /** Registering twice means two deliveries of each message. */
  register(owner: Owner, srvidHi: number, srvidLo: number): void {
    const listener = { owner, srvidHi, srvidLo };
    let byLo = this.byHi.get(srvidHi);
    if (byLo === undefined) {
      byLo = new Map();
      this.byHi.set(srvidHi, byLo);
    }
    const list = byLo.get(srvidLo);
    // The last registered is served first.
    if (list === undefined) byLo.set(srvidLo, [listener]);
    else byLo.set(srvidLo, [listener, ...list]);
    const owned = this.byOwner.get(owner);
    if (owned === undefined) this.byOwner.set(owner, new Set([listener]));
    else owned.add(listener);
  }

  /** Removes one registration; false where there is none. */
  deregister(owner: Owner, srvidHi: number, srvidLo: number): boolean {
    const listener = this.byHi
      .get(srvidHi)
      ?.get(srvidLo)
      ?.find((candidate) => candidate.owner === owner);
    if (listener === undefined) return false;
    this.remove(listener);
    return true;
  }

  removeOwner(owner: Owner): void {
    const owned = this.byOwner.get(owner);
    if (owned === undefined) return;
    for (const listener of [...owned]) this.remove(listener);
  }

  isRegistered(owner: Owner, srvidHi: number, srvidLo: number): boolean {
    return (
      this.byHi
        .get(srvidHi)
        ?.get(srvidLo)
        ?.some((listener) => listener.owner === owner) ?? false
    );
  }

  /** Listeners of exactly this srvid. The array is never changed in place, so it may be walked while listeners change. */
  exact(srvidHi: number, srvidLo: number): readonly MessageListener<Owner>[] | undefined {
    return this.byHi.get(srvidHi)?.get(srvidLo);
  }

  /** Listeners of CTDB_SRVID_ALL. */
  wildcard(): readonly MessageListener<Owner>[] | undefined {
    return this.exact(ALL, ALL);
  }

  private remove(listener: MessageListener<Owner>): void {
    const byLo = this.byHi.get(listener.srvidHi);
    const list = byLo?.get(listener.srvidLo);
    if (byLo !== undefined && list !== undefined) {
      const rest = list.filter((other) => other !== listener);
      if (rest.length > 0) byLo.set(listener.srvidLo, rest);
      else byLo.delete(listener.srvidLo);
      if (byLo.size === 0) this.byHi.delete(listener.srvidHi);
    }
    const owned = this.byOwner.get(listener.owner);
    owned?.delete(listener);
    if (owned?.size === 0) this.byOwner.delete(listener.owner);
  }
}
