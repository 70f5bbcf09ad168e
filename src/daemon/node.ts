// One CTDB node, put together: the parts of ctdbd and what connects them. It gets the outside world as ports, so the real daemon
// and the simulator build the same node. No logic of its own beyond wiring.
import { clusterControls, currentNodeMap, type RunEvent, type TestClusterLock } from "../cluster/cluster-controls.js";
import { Keepalive } from "../cluster/keepalive.js";
import { LocalSrvid } from "../cluster/local-srvids.js";
import { NodeState } from "../cluster/node-state.js";
import { type NodeListEntry, NodeTable } from "../cluster/node-table.js";
import { Startup } from "../cluster/startup.js";
import { ControlService } from "../controls/control-service.js";
import { daemonControls } from "../controls/daemon-controls.js";
import { attachControls } from "../databases/attach-controls.js";
import { Commits } from "../databases/commits.js";
import type { Database } from "../databases/database.js";
import { DatabaseHealth, type DatabaseHealthModules, healthControls } from "../databases/database-health.js";
import { DatabaseSet } from "../databases/database-set.js";
import { lockWaitControls } from "../databases/lock-wait-controls.js";
import { readMarshalledRecords } from "../databases/marshalled-records.js";
import { RecordUpdates } from "../databases/record-updates.js";
import { recoveryControls } from "../databases/recovery-controls.js";
import { sequenceNumberControls } from "../databases/sequence-numbers.js";
import { TraverseService } from "../databases/traverse.js";
import type { UpdateHelperPort } from "../databases/update-helper-port.js";
import { addressControls } from "../failover/address-controls.js";
import type { LockScheduler } from "../locks/lock-scheduler.js";
import { LeaderMemory } from "../messaging/leader-memory.js";
import { MessageService } from "../messaging/message-service.js";
import { messagingControls } from "../messaging/messaging-controls.js";
import { TunnelService } from "../messaging/tunnel-service.js";
import type { LoopAccounts } from "../platform/loop-accounts.js";
import { type BaseModules, type LocalServerPort, LogLevel, type TcpPort, type Timers } from "../platform/ports.js";
import {
  checkPacket,
  controlsByName,
  Generation,
  NodeFlag,
  NodeFlagChange,
  NodeMap,
  Operation,
  Pnn,
  ProtocolError,
  packetDestnode,
  packetOperation,
  RecoveryMode,
  RunState,
  Srvid,
  SrvidMessage,
  type TunableList,
} from "../protocol/index.js";
import { CallService } from "../records/call-service.js";
import { ReadOnlyCopies } from "../records/read-only.js";
import { StickyRecords } from "../records/sticky-records.js";
import { latencyLog } from "../statistics/latency-log.js";
import { Statistics } from "../statistics/statistics.js";
import type { TdbFile } from "../tdb/tdb-file.js";
import { type ClientConnection, ClientServer } from "../transport/client-server.js";
import { PacketRouter } from "../transport/packet-router.js";
import { PeerMesh } from "../transport/peer-mesh.js";
import { RequestIds } from "../transport/request-ids.js";
import { NodeVacuum } from "../vacuum/node-vacuum.js";
import type { VacuumWorker } from "../vacuum/vacuum-worker.js";
import { loopControls } from "./loop-controls.js";
import { PacketKinds } from "./packet-kinds.js";

const STATISTICS_INTERVAL_MS = 1000;
const U32_MAX = 0xffff_ffff;

export interface NodePorts extends BaseModules {
  readonly loop: LoopAccounts;
  readonly tcp: TcpPort;
  readonly localServer: LocalServerPort;
  readonly locks: LockScheduler;
  readonly updateHelper: UpdateHelperPort;
  readonly vacuumWorker: VacuumWorker;
  openFile(path: string, tdbFlags: number): TdbFile;
  readonly openHealthFile: DatabaseHealthModules["openFile"];
  listPersistentFiles(): string[];
  processExists(pid: number): boolean;
  runEvent: RunEvent;
  testClusterLock: TestClusterLock;
  notify(event: string): void;
  readNodesList(): NodeListEntry[];
  /** Memory that the daemon's data takes. */
  memoryBytes(): number;
  memoryReport(): string;
  setDebugLevel(level: number): void;
  /** The cluster manager is alive; restarts its watchdog. */
  clusterManagerPinged(): void;
  /** The node is done for: stop everything and end with this status. */
  exit(reason: string, status: number): void;
}

export interface NodeOptions {
  readonly pid: number;
  readonly ownPnn: number;
  readonly nodes: readonly NodeListEntry[];
  readonly address: string;
  readonly port: number;
  readonly socketPath: string;
  readonly volatileDirectory: string;
  readonly persistentDirectory: string;
  readonly mutexes: boolean;
  readonly clusterLock: string | undefined;
  readonly capabilities: number;
  readonly startAsStopped: boolean;
  readonly startAsDisabled: boolean;
  readonly keepaliveVersion: number;
  readonly tunables: TunableList;
  /** Turns of the event loop that are longer are logged; 0: none are. */
  readonly loopTurnLimitMs: number;
}

export class CtdbNode {
  readonly nodes: NodeTable;
  readonly state: NodeState;
  readonly databases: DatabaseSet;
  readonly statistics: Statistics;
  readonly calls: CallService;
  readonly messages: MessageService;
  readonly controls: ControlService;
  readonly clients: ClientServer;
  readonly mesh: PeerMesh;
  private readonly packetKinds: PacketKinds;
  readonly router: PacketRouter;
  private readonly health: DatabaseHealth;
  readonly updates: RecordUpdates;
  private readonly commits: Commits;
  readonly traverses: TraverseService;
  readonly vacuum: NodeVacuum;
  private readonly tunnels: TunnelService;
  private readonly keepalive: Keepalive;
  private readonly startup: Startup;
  private readonly clientParts: Array<(client: ClientConnection) => void> = [];
  private nodesChangedScheduled = false;
  private shuttingDown = false;
  /** Generation that was under way when the link to an active node broke, by its pnn. */
  private readonly lostLinks = new Map<number, number>();
  /** Generation of the recovery during which a link came up between nodes that take part in it. */
  private lostInRecovery: number | undefined;
  private lastGeneration: number | undefined;

  constructor(
    private readonly ports: NodePorts,
    private readonly options: NodeOptions,
  ) {
    const { clock, random, logger } = ports;
    const { tunables } = options;
    this.packetKinds = new PacketKinds(ports.loop);
    const timers = this.timersOf("node");
    const base: BaseModules = { clock, timers, random, logger };
    const generation = (): number => this.state.generation;

    this.statistics = new Statistics(clock);
    const nodes = new NodeTable(options.nodes, options.ownPnn, logger);
    this.nodes = nodes;
    if (options.startAsStopped) nodes.addFlags(options.ownPnn, NodeFlag.STOPPED);
    if (options.startAsDisabled) nodes.addFlags(options.ownPnn, NodeFlag.PERMANENTLY_DISABLED);
    const routerNodes = {
      ownPnn: nodes.ownPnn,
      get all() {
        return nodes.all;
      },
      get size() {
        return nodes.size;
      },
      isDeleted: (pnn: number) => ((nodes.get(pnn)?.flags ?? NodeFlag.DELETED) & NodeFlag.DELETED) !== 0,
      isConnected: (pnn: number) => nodes.isConnected(pnn),
      isInactive: (pnn: number) => nodes.isInactive(pnn),
      isBanned: (pnn: number) => ((nodes.get(pnn)?.flags ?? 0) & NodeFlag.BANNED) !== 0,
      pnnOfAddress: (address: string) => nodes.pnnOfAddress(address),
      countReceived: (pnn: number) => {
        const node = nodes.get(pnn);
        if (node !== undefined) node.receivedCount++;
      },
    };

    this.mesh = new PeerMesh(
      { ...base, timers: this.timersOf("peers"), tcp: ports.tcp, nodes: routerNodes },
      { listen: { address: options.address, port: options.port } },
      {
        onPacket: (packet, fromPnn) => this.router.receive(packet, fromPnn),
        onConnected: (pnn) => this.nodeConnected(pnn),
        onDead: (pnn, reason) => this.nodeDead(pnn, reason),
      },
    );
    this.router = new PacketRouter({
      logger,
      timers: this.timersOf("local packets"),
      packetBegins: (packet) => ports.loop.enter(this.packetKinds.ofNode(packet)),
      nodes: routerNodes,
      mesh: this.mesh,
      counters: this.statistics,
      generation,
    });

    const requestIds = new RequestIds();
    this.clients = new ClientServer(
      {
        logger,
        server: ports.localServer,
        counters: this.statistics,
        maxQueuedMessages: () => tunables.MaxQueueDropMsg,
        allocateId: () => requestIds.allocate(),
        releaseId: (id) => requestIds.release(id),
      },
      {
        onPacket: (client, packet) => this.clientPacket(client, packet),
        onDisconnected: (client) => {
          for (const clientGone of this.clientParts) clientGone(client);
        },
      },
    );

    this.messages = new MessageService({ router: this.router, generation });
    this.tunnels = new TunnelService({ logger, router: this.router, nodes: routerNodes, generation });
    this.controls = new ControlService({
      clock,
      timers: this.timersOf("controls"),
      logger,
      router: this.router,
      nodes: routerNodes,
      requestIds,
      counters: this.statistics,
      controlTimeoutSeconds: () => tunables.ControlTimeout,
      generation,
    });

    this.health = new DatabaseHealth({
      logger,
      openFile: ports.openHealthFile,
      healthyNodeCount: () => nodes.all.filter((node) => node.flags === 0).length,
    });
    this.databases = new DatabaseSet(
      {
        ...base,
        locks: ports.locks,
        ownPnn: options.ownPnn,
        vnnMap: () => this.state.vnnMap,
        openFile: ports.openFile,
        listPersistentFiles: ports.listPersistentFiles,
        health: this.health,
        generation,
        databaseAttached: (database) => this.vacuum.databaseAttached(database),
        databaseFreezes: (database) => this.vacuum.runs.databaseFreezes(database),
        databaseFrozen: (database) => this.updates.databaseFrozen(database),
        databaseThawed: (database) => {
          this.vacuum.runs.databaseThawed(database);
          this.calls.databaseThawed(database);
          this.updates.databaseThawed(database);
        },
        databaseDetached: (database) => this.databaseDetached(database),
        lockLost: (database) => this.state.forceRecovery(`lock of ${database.name} lost`),
      },
      options,
    );

    this.state = new NodeState(
      {
        logger,
        timers,
        nodes,
        databases: {
          setAllGenerations: (value) => this.databases.setAllGenerations(value),
          freezeAllInvalid: () => this.databases.freezeAllInvalid(() => {}),
          get allFrozen() {
            return databases.allFrozen;
          },
        },
        tunables: () => ({
          recoveryDropAllIpsSeconds: tunables.RecoveryDropAllIPs,
          recoveryBanPeriodSeconds: tunables.RecoveryBanPeriod,
          enableBans: tunables.EnableBans !== 0,
        }),
        releaseAllPublicAddresses: () => {},
      },
      options,
    );
    const { databases } = this;

    const noteLatency = latencyLog(logger, () => tunables.LogLatencyMs);
    this.calls = new CallService({
      clock,
      timers: this.timersOf("calls"),
      logger,
      router: this.router,
      requestIds,
      databases,
      counters: this.statistics,
      generation,
      noteLatency,
      fetchCollapse: () => tunables.FetchCollapse === 1,
      forceRecovery: (reason) => this.state.forceRecovery(reason),
    });

    this.updates = new RecordUpdates({
      clock,
      timers: this.timersOf("record updates"),
      logger,
      databases,
      helper: ports.updateHelper,
      state: this.state,
      counters: this.statistics,
      noteLatency,
      controlTimeoutSeconds: () => tunables.ControlTimeout,
    });
    this.commits = new Commits({
      timers: this.timersOf("commits"),
      logger,
      ownPnn: options.ownPnn,
      databases,
      controls: this.controls,
      state: this.state,
      client: (id) => this.clients.get(id),
      vnnMap: () => this.state.vnnMap.map,
      isActive: (pnn) => !nodes.isInactive(pnn),
      allPnns: () => nodes.all.map((node) => node.pnn),
      forceRecovery: (reason) => this.state.forceRecovery(reason),
      controlTimeoutSeconds: () => tunables.ControlTimeout,
    });

    const peers = {
      isCongested: (pnn: number) => this.isCongested(pnn),
      whenDrained: (pnn: number, callback: () => void) => this.whenDrained(pnn, callback),
    };
    this.traverses = new TraverseService({
      clock,
      timers: this.timersOf("traverse slices"),
      logger,
      databases,
      ownPnn: options.ownPnn,
      requestIds,
      peers,
      messages: this.messages,
      controls: this.controls,
      counters: this.statistics,
      client: (id) => this.clients.get(id),
      activeNodeCount: () => nodes.all.filter((node) => !nodes.isInactive(node.pnn)).length,
      vnnMap: () => this.state.vnnMap.map,
      traverseTimeoutSeconds: () => tunables.TraverseTimeout,
      allowUnhealthyRead: () => tunables.AllowUnhealthyDBRead !== 0,
    });

    this.vacuum = new NodeVacuum({
      clock,
      timers: this.timersOf("vacuum"),
      logger,
      ownPnn: options.ownPnn,
      worker: ports.vacuumWorker,
      databases,
      calls: this.calls,
      isRecovering: () => this.state.isRecovering,
      vnnMap: () => this.state.vnnMap.map,
      noteLatency,
      tunables: () => ({
        intervalSeconds: tunables.VacuumInterval,
        maxRunSeconds: tunables.VacuumMaxRunTime,
        fastPathCount: tunables.VacuumFastPathCount,
        repackLimit: tunables.RepackLimit,
        maxDead: tunables.DatabaseMaxDead,
      }),
    });

    this.keepalive = new Keepalive(
      {
        clock,
        timers: this.timersOf("keepalive"),
        logger,
        nodes,
        router: this.router,
        counters: this.statistics,
        tunables: () => ({
          intervalSeconds: tunables.KeepaliveInterval,
          limit: tunables.KeepaliveLimit,
          allowMixedVersions: tunables.AllowMixedVersions === 1,
        }),
        generation,
        nodeConnected: (pnn) => this.nodeConnected(pnn),
        nodeDead: (pnn, reason) => this.mesh.nodeDead(pnn, reason),
        shutdown: (reason) => this.shutdown(reason, 0),
      },
      { version: options.keepaliveVersion, startedAtMs: clock.now() },
    );

    this.startup = new Startup({
      timers: this.timersOf("startup"),
      logger,
      nodes,
      state: this.state,
      databases: {
        get allFrozen() {
          return databases.size > 0 && databases.allFrozen;
        },
        recheckHealth: () => this.health.recheck(databases.all),
      },
      runEvent: ports.runEvent,
      tunables: () => ({
        monitorIntervalSeconds: tunables.MonitorInterval,
        monitorTimeoutCount: tunables.MonitorTimeoutCount,
      }),
      notify: ports.notify,
      announceStartup: () => this.controls.request(Pnn.BROADCAST_CONNECTED, "STARTUP", undefined),
      healthChanged: (oldFlags, newFlags) => {
        this.messages.send(
          options.ownPnn,
          Srvid.PUSH_NODE_FLAGS,
          NodeFlagChange.encode({ pnn: options.ownPnn, oldFlags, newFlags }),
        );
        this.messages.send(
          Pnn.BROADCAST_CONNECTED,
          Srvid.TAKEOVER_RUN,
          SrvidMessage.encode({ pnn: options.ownPnn, srvid: 0n }),
        );
      },
      shutdown: (reason, status) => this.shutdown(reason, status),
    });

    this.registerControls();
    this.routePackets();
    this.state.onChanged(() => {
      this.followRecovery();
      this.announceNodesChanged();
      this.startup.stateChanged();
    });
    nodes.onFlagsChanged((pnn) => {
      this.commits.nodeFlagsChanged(pnn);
      this.announceNodesChanged();
    });
    this.timersOf("statistics").after(STATISTICS_INTERVAL_MS, () => this.rotateStatistics());
  }

  // ------------------------------------------------------------------ life

  /** Listens on TCP and on the unix socket; nobody is served yet. */
  async listen(): Promise<void> {
    await this.clients.listen(this.options.socketPath);
    await this.mesh.listen();
    this.ports.logger.notice(`PNN is ${this.options.ownPnn}`);
  }

  /** Attaches and freezes what is on disk, then lets clients and nodes in. */
  async open(): Promise<void> {
    this.health.open();
    this.databases.attachPersistentFiles();
    await new Promise<void>((resolve, reject) => {
      let waiting = 1;
      const one = (ok: boolean): void => {
        if (!ok) reject(new Error("a database on disk cannot be frozen"));
        waiting--;
        if (waiting === 0) resolve();
      };
      for (const database of this.databases.all) {
        waiting++;
        this.databases.freeze(database, one);
      }
      one(true);
    });
    this.clients.startAccepting();
    this.mesh.start();
  }

  /** The setup event is done: take part in the cluster. */
  begin(): void {
    this.keepalive.start();
    this.state.setRunState(RunState.FIRST_RECOVERY);
    this.startup.begin();
  }

  /** The orderly end; a second call is harmless. */
  shutdown(reason: string, status: number): void {
    if (this.shuttingDown) {
      this.ports.logger.notice("Already shutting down so will not proceed.");
      return;
    }
    this.shuttingDown = true;
    this.ports.logger.error(`Shutdown sequence commencing. (${reason})`);
    this.state.setRunState(RunState.SHUTDOWN);
    this.keepalive.stop();
    this.startup.stop();
    this.ports.runEvent("shutdown", [], () => {
      this.mesh.stop();
      this.clients.close();
      this.databases.closeAll();
      this.health.close();
      this.ports.logger.error("Shutdown sequence complete, exiting.");
      this.ports.exit(reason, status);
    });
  }

  // ------------------------------------------------------------------ nodes

  private nodeConnected(pnn: number): void {
    const { nodes } = this;
    const node = nodes.get(pnn);
    if (node === undefined || (node.flags & NodeFlag.DISCONNECTED) === 0) return;
    node.deadCount = 0;
    nodes.clearFlags(pnn, NodeFlag.DISCONNECTED);
    const { logger } = this.ports;
    logger.error(
      `${this.nodeName(nodes.ownPnn)}: connected to ${this.nodeName(pnn)} - ${nodes.connectedOthers} connected`,
    );
    this.replaceLost(pnn);
  }

  /**
   * Records and calls that were to travel between this node and one that it did not see are lost. A leader that has never lost sight
   * of either does not know: only a recovery finds the records again, and sends the calls once more.
   */
  private replaceLost(pnn: number): void {
    const { generation, map } = this.state.vnnMap;
    const lostIn = this.lostLinks.get(pnn);
    this.lostLinks.delete(pnn);
    if (generation === Generation.INVALID || (lostIn !== generation && !map.includes(pnn))) return;
    // Calls of the databases that a recovery has thawed already are lost, too: another one has to follow it.
    if (this.state.isRecovering) this.lostInRecovery = generation;
    else this.state.forceRecovery(`node ${pnn} was away from here, but not from the cluster`);
  }

  private nodeDead(pnn: number, reason: string): void {
    const { nodes } = this;
    const { logger } = this.ports;
    const node = nodes.get(pnn);
    if (node === undefined || this.shuttingDown) return;
    if ((node.flags & NodeFlag.DISCONNECTED) !== 0) {
      logger.info(`${this.nodeName(nodes.ownPnn)}: node ${this.nodeName(pnn)} is already marked disconnected`);
      return;
    }
    node.receivedCount = 0;
    node.deadCount = 0;
    const wasActive = (node.flags & NodeFlag.INACTIVE) === 0;
    nodes.addFlags(pnn, NodeFlag.DISCONNECTED | NodeFlag.UNHEALTHY);
    if (wasActive && this.state.generation !== Generation.INVALID) this.lostLinks.set(pnn, this.state.generation);
    logger.error(
      `${this.nodeName(nodes.ownPnn)}: node ${this.nodeName(pnn)} is dead: ${nodes.connectedOthers} connected (${reason})`,
    );
    this.controls.nodeDead(pnn);
  }

  private timersOf(part: string): Timers {
    return this.ports.loop.timersOf(this.ports.timers, part);
  }

  private nodeName(pnn: number): string {
    return `${this.nodes.get(pnn)?.address ?? "?"}:${this.options.port}`;
  }

  /** Tells the cluster manager of this node at once what it would only see at its next poll. */
  private announceNodesChanged(): void {
    if (this.nodesChangedScheduled) return;
    this.nodesChangedScheduled = true;
    this.timersOf("node").nextTurn(() => {
      this.nodesChangedScheduled = false;
      const map = NodeMap.encode(currentNodeMap(this.nodes, this.options.port));
      this.messages.dispatchLocal(LocalSrvid.NODES_CHANGED, Buffer.from(map));
    });
  }

  // ------------------------------------------------------------------ packets

  private clientPacket(client: ClientConnection, packet: Buffer): void {
    this.ports.loop.enter(this.packetKinds.ofClient(packet));
    try {
      checkPacket(packet);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.ports.logger.warning(`Invalid packet of client ${client.id} ignored: ${error.message}`);
      return;
    }
    if (this.ports.logger.level >= LogLevel.DEBUG) client.trace(">", packet);
    const { statistics } = this;
    switch (packetOperation(packet)) {
      case Operation.REQ_CALL:
        statistics.clientReqCall++;
        this.calls.fromClient(client, packet);
        return;
      case Operation.REQ_MESSAGE: {
        statistics.clientReqMessage++;
        const destnode = packetDestnode(packet);
        this.messages.fromClient(packet);
        if (this.mesh.isCongested(destnode)) this.holdWhileCongested(client, destnode);
        return;
      }
      case Operation.REQ_CONTROL:
        statistics.clientReqControl++;
        this.controls.fromClient(client, packet);
        return;
      case Operation.REQ_TUNNEL:
        statistics.clientReqTunnel++;
        this.tunnels.fromClient(packet);
        return;
      default:
        this.ports.logger.error(`operation ${packetOperation(packet)} of client ${client.id} ignored`);
    }
  }

  private holdWhileCongested(client: ClientConnection, pnn: number): void {
    const reason = `node ${pnn} is behind`;
    client.hold(reason);
    this.mesh.whenDrained(() => {
      if (this.mesh.isCongested(pnn)) this.holdWhileCongested(client, pnn);
      else client.releaseHold(reason);
    });
  }

  /** A stream to `pnn` should pause: its link is full, or, on this node, a client has more in its queue than it reads. */
  private isCongested(pnn: number): boolean {
    return pnn === this.options.ownPnn ? this.clients.someoneIsBehind : this.mesh.isCongested(pnn);
  }

  private whenDrained(pnn: number, callback: () => void): void {
    if (pnn === this.options.ownPnn) this.clients.whenDrained(callback);
    else this.mesh.whenDrained(callback);
  }

  private routePackets(): void {
    const { statistics, calls } = this;
    this.router.setHandlers({
      onReqCall: (packet) => {
        statistics.nodeReqCall++;
        calls.onReqCall(packet);
      },
      onReplyCall: (packet) => {
        statistics.nodeReplyCall++;
        calls.onReplyCall(packet);
      },
      onReqDmaster: (packet) => {
        statistics.nodeReqDmaster++;
        calls.onReqDmaster(packet);
      },
      onReplyDmaster: (packet) => {
        statistics.nodeReplyDmaster++;
        calls.onReplyDmaster(packet);
      },
      onReplyError: (packet) => {
        statistics.nodeReplyError++;
        calls.onReplyError(packet);
      },
      onReqMessage: (packet) => {
        statistics.nodeReqMessage++;
        this.messages.fromNode(packet);
      },
      onReqControl: (packet) => this.controls.fromNode(packet),
      onReplyControl: (packet) => this.controls.onReply(packet),
      onKeepalive: (packet) => this.keepalive.onPacket(packet),
      onReqTunnel: (packet) => {
        statistics.nodeReqTunnel++;
        this.tunnels.fromNode(packet);
      },
    });
  }

  private registerControls(): void {
    const { ports, options, nodes, state, databases, controls, clients, statistics } = this;
    const { clock, logger } = ports;
    const { tunables } = options;
    const timers = this.timersOf("databases");

    const attaching = attachControls({
      logger,
      timers,
      databases,
      ownPnn: options.ownPnn,
      state,
      broadcast: controls,
      clientExists: (id) => clients.get(id) !== undefined,
      readOnlyCopies: (database) => this.readOnlyCopies(database),
      stickyRecords: (database) => this.stickyRecords(database),
      tunables: () => ({
        allowClientDbAttach: tunables.AllowClientDBAttach !== 0,
        deferredAttachSeconds: tunables.DeferredAttachTO,
      }),
    });
    controls.handle(attaching.handlers);

    const messaging = messagingControls<ClientConnection>({
      logger,
      messages: this.messages,
      tunnels: this.tunnels,
      leaderMemory: new LeaderMemory(clock, this.messages),
      state,
      client: (id) => clients.get(id),
      clientsOfPid: (pid) => clients.byPid(pid),
      disconnect: (client, reason) => clients.disconnect(client, reason),
      processExists: ports.processExists,
    });
    controls.handle(messaging.handlers);
    this.clientParts.push(
      (client) => messaging.clientGone(client),
      (client) => controls.clientGone(client),
      (client) => this.calls.clientGone(client),
      (client) => this.traverses.clientGone(client),
      (client) => this.commits.clientGone(client),
    );

    controls.handle(
      clusterControls(
        {
          clock,
          logger,
          nodes,
          state,
          databases,
          request: controls,
          counters: statistics,
          runEvent: ports.runEvent,
          testClusterLock: ports.testClusterLock,
          readNodesList: ports.readNodesList,
          nodesListChanged: ({ dropped, added }) => {
            for (const pnn of dropped) {
              this.mesh.removePeer(pnn);
              this.controls.nodeDead(pnn);
            }
            for (const pnn of added) this.mesh.addPeer(pnn);
            this.messages.send(options.ownPnn, Srvid.RELOAD_NODES, new Uint8Array(0));
            this.announceNodesChanged();
          },
          nodesFileBroken: (reason) => ports.exit(`nodes list: ${reason}`, 1),
          recoveryEnded: () => attaching.recoveryEnded(),
          endCommits: () => this.commits.recoveryEnded(),
          shutdown: (reason, status) => this.shutdown(reason, status),
        },
        { port: options.port, clusterLock: options.clusterLock, daemonStartedWallMs: clock.wall() },
      ),
    );
    controls.handle(
      recoveryControls({
        clock,
        timers: this.timersOf("recovery slices"),
        logger,
        databases,
        state: this.state,
        messages: this.messages,
        peers: {
          isCongested: (pnn) => this.isCongested(pnn),
          whenDrained: (pnn, callback) => this.whenDrained(pnn, callback),
        },
        forceRecovery: (reason) => state.forceRecovery(reason),
        recBufferSizeLimit: () => tunables.RecBufferSizeLimit,
      }),
    );
    controls.handle(this.traverses.handlers);
    this.vacuum.registerControls(controls);
    controls.handleWith("UPDATE_RECORD", readMarshalledRecords, (records, call) => this.updates.update(records, call));
    controls.handleWith("TRANS3_COMMIT", readMarshalledRecords, (records, call) => this.commits.commit(records, call));
    controls.handle(this.commits.handlers);
    controls.handle(
      healthControls({
        health: this.health,
        databases,
        isStartingUp: () => state.runState === RunState.STARTUP,
        forceRecovery: (reason) => state.forceRecovery(reason),
      }),
    );
    controls.handle(
      sequenceNumberControls({
        timers,
        databases,
        ownPnn: options.ownPnn,
        controls,
        intervalMs: () => Math.max(1, tunables.SeqnumInterval),
      }),
    );
    controls.handle(
      addressControls({ runEvent: ports.runEvent, isRunning: () => state.runState === RunState.RUNNING }),
    );
    controls.handle(lockWaitControls({ locks: ports.locks, databases }));
    controls.handle(loopControls(ports.loop, options.loopTurnLimitMs));
    controls.handle(
      daemonControls({
        logger,
        tunables,
        pid: options.pid,
        statistics: {
          current: () => this.currentStatistics(),
          history: () => [...statistics.recent],
          reset: () => {
            statistics.reset();
            ports.loop.reset();
            ports.locks.statistics.reset();
            for (const database of databases.all) database.resetStatistics();
          },
          ofDatabase: (id) => databases.get(id)?.statistics(),
        },
        setDebugLevel: ports.setDebugLevel,
        clientCount: () => clients.size,
        memoryReport: ports.memoryReport,
        shutdown: () => this.shutdown("SHUTDOWN control", 0),
        clusterManagerPinged: ports.clusterManagerPinged,
        reclockLatency: (seconds) => {
          statistics.reclockRecd.add(seconds);
          if (seconds * 1000 > tunables.RecLockLatencyMs && tunables.RecLockLatencyMs > 0) {
            logger.error(`High RECLOCK latency ${seconds.toFixed(6)}s for operation recd reclock`);
          }
        },
      }),
    );
  }

  private readOnlyCopies(database: Database): ReadOnlyCopies {
    const { logger } = this.ports;
    const { opcode } = controlsByName.UPDATE_RECORD;
    return new ReadOnlyCopies(
      {
        timers: this.timersOf("revokes"),
        logger,
        updateRecord: (pnn, payload, done) =>
          this.controls.requestRaw(pnn, opcode, payload, {}, (result) => done(result.status === 0)),
        finishRecord: (key, rsn, allAnswered, done) => this.calls.finishRevoke(database, key, rsn, allAnswered, done),
      },
      database,
    );
  }

  private stickyRecords(database: Database): StickyRecords {
    const { logger } = this.ports;
    const { tunables } = this.options;
    return new StickyRecords(
      {
        timers: this.timersOf("sticky records"),
        logger,
        requeue: (packet) => this.router.requeue(packet),
        tunables: () => ({
          hopcount: tunables.HopcountMakeSticky,
          durationSeconds: tunables.StickyDuration,
          pindownMs: tunables.StickyPindown,
        }),
      },
      database.name,
    );
  }

  private currentStatistics() {
    const recovering = this.state.recoveryMode === RecoveryMode.ACTIVE;
    const frozen = this.databases.size > 0 && this.databases.allFrozen;
    const statistics = this.statistics.toWire(this.ports.locks.statistics, frozen, recovering);
    return { ...statistics, memoryUsed: Math.min(this.ports.memoryBytes(), U32_MAX) };
  }

  private rotateStatistics(): void {
    const recovering = this.state.recoveryMode === RecoveryMode.ACTIVE;
    this.statistics.rotate(this.ports.locks.statistics, false, recovering);
    const seconds = Math.max(1, this.options.tunables.StatHistoryInterval);
    this.timersOf("statistics").after(seconds * 1000, () => this.rotateStatistics());
  }

  /** What changes with recovery mode and generation, as far as it concerns commits. */
  private followRecovery(): void {
    const { generation, isRecovering } = this.state;
    if (generation !== this.lastGeneration) {
      this.lastGeneration = generation;
      this.commits.vnnMapChanged();
    }
    this.commits.recoveryModeChanged();
    if (isRecovering) {
      this.updates.recoveryBegan();
      this.vacuum.runs.recoveryBegan();
      return;
    }
    const { lostInRecovery } = this;
    this.lostInRecovery = undefined;
    if (lostInRecovery === generation) this.state.forceRecovery("a node was not seen from here during the recovery");
  }

  private databaseDetached(database: Database): void {
    this.updates.databaseDetached(database);
    this.vacuum.databaseDetached(database);
    this.commits.databaseDetached(database);
    this.calls.databaseDetached(database);
    this.traverses.databaseDetached(database);
  }
}
