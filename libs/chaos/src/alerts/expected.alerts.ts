/** An alert that a fault must raise. */
export interface ExpectedAlert {
  /** Its name in infra/observability/prometheus/alerts.yml. */
  readonly alert: string;
  /** Seconds after the fault by which it fires, with time to spare on a slow machine. */
  readonly withinSeconds: number;
}

/** What a fault does to the alerts. Any other alert that fires is one too many. */
export interface FaultAlerts {
  readonly raises: readonly ExpectedAlert[];
  /** Alerts that may fire or not, for it depends on how long a failover takes just then. */
  readonly mayRaise?: readonly string[];
}

/**
 * Seconds after healing by which every alert has cleared: the slowest is `LeaderChanged`, which lasts for a minute after a change, and
 * healing may be one.
 */
export const clearsWithinSeconds = 120;

const memberDown: ExpectedAlert = { alert: 'MemberDown', withinSeconds: 50 };
const leaderChanged: ExpectedAlert = { alert: 'LeaderChanged', withinSeconds: 50 };
/** The lease of a leader that died has to run out first. */
const writesHeld: ExpectedAlert = { alert: 'WritesHeld', withinSeconds: 25 };
const etcdMemberDown: ExpectedAlert = { alert: 'EtcdMemberDown', withinSeconds: 30 };
const edgeDown: ExpectedAlert = { alert: 'EdgeDown', withinSeconds: 35 };
const notReceiving: ExpectedAlert = { alert: 'BackupNotReceiving', withinSeconds: 60 };

/** Of a failover that takes longer than usual, and of members that take their time to rejoin. */
const slowFailover = ['HaproxyBackendEmpty', 'NoSpareMember', 'BackupNotReceiving'];
const slowRejoin = ['MemberDown', 'HaproxyNoReplica', 'NoSpareMember', 'BackupNotReceiving'];

/** A failover after a death that nobody reported: the lock ends with its lease. */
const silentDeath: FaultAlerts = {
  raises: [writesHeld, leaderChanged, memberDown],
  mayRaise: slowFailover,
};
/** A leader that gives its lock away, or loses it at once. */
const handOver: FaultAlerts = { raises: [leaderChanged], mayRaise: ['WritesHeld', ...slowRejoin] };
const nothing: FaultAlerts = { raises: [] };

/** Which fault raises which alerts. A fault that is not here (`soak`, which injects any of the others) is not judged by its alerts. */
export const expectedAlerts: Readonly<Record<string, FaultAlerts>> = {
  'leader-kill': silentDeath,
  zombie: silentDeath,
  'partition-leader': { ...silentDeath, mayRaise: [...slowFailover, 'TwoLeaders'] },
  'fenced-leader-kill': { raises: [leaderChanged, memberDown], mayRaise: ['WritesHeld', ...slowFailover] },
  'etcd-and-leader-kill': {
    raises: [writesHeld, leaderChanged, memberDown, etcdMemberDown],
    mayRaise: slowFailover,
  },
  'postmaster-kill': handOver,
  'replica-reports': {
    raises: [leaderChanged],
    mayRaise: ['WritesHeld', 'TransactionOpen', 'ReplayStuck', ...slowRejoin],
  },
  'patroni-kill': { raises: [], mayRaise: ['WritesHeld', 'LeaderChanged', ...slowRejoin] },
  switchover: handOver,
  'switchover-to': handOver,
  'rolling-restart': { raises: [{ ...leaderChanged, withinSeconds: 240 }], mayRaise: ['WritesHeld', ...slowRejoin] },
  'partition-etcd': { raises: [], mayRaise: ['FailsafeMode', 'LeaderChanged', 'WritesHeld', ...slowRejoin] },
  'partition-replicas': {
    raises: [{ alert: 'NoSpareMember', withinSeconds: 75 }],
    mayRaise: ['HaproxyNoReplica', 'ReplicaFarBehind', 'SlotHoldsWal', 'TransactionOpen'],
  },
  'standby-kill': { raises: [memberDown] },
  'replicas-kill': {
    raises: [
      memberDown,
      { alert: 'NoSpareMember', withinSeconds: 60 },
      { alert: 'HaproxyNoReplica', withinSeconds: 60 },
    ],
    mayRaise: ['TransactionOpen'],
  },
  'majority-kill': {
    raises: [
      writesHeld,
      memberDown,
      { alert: 'NoLeader', withinSeconds: 70 },
      { alert: 'HaproxyBackendEmpty', withinSeconds: 50 },
    ],
    mayRaise: ['NoSpareMember', 'HaproxyNoReplica', 'LeaderChanged'],
  },
  'etcd-leader-kill': { raises: [etcdMemberDown], mayRaise: ['FailsafeMode'] },
  'etcd-quorum-loss': {
    raises: [
      etcdMemberDown,
      { alert: 'EtcdNoQuorum', withinSeconds: 30 },
      { alert: 'FailsafeMode', withinSeconds: 45 },
    ],
  },
  'haproxy-restart': { raises: [], mayRaise: ['HaproxyDown', 'WritesHeld', 'HaproxyBackendEmpty'] },
  'edge-kill': { raises: [edgeDown] },
  'edge-freeze': { raises: [edgeDown], mayRaise: ['WritesHeld'] },
  'edge-cut': { raises: [edgeDown], mayRaise: ['WritesHeld'] },
  'edge-move': nothing,
  'edge-restart': { raises: [], mayRaise: ['EdgeDown', 'WritesHeld'] },
  'api-kill': { raises: [{ alert: 'ApiDown', withinSeconds: 35 }] },
  'packet-loss': {
    raises: [],
    mayRaise: [
      'MemberDown',
      'LeaderChanged',
      'WritesHeld',
      'HaproxyBackendEmpty',
      'ReplayStuck',
      'ReplicaFarBehind',
      'NoSpareMember',
    ],
  },
  'disk-full': { raises: [], mayRaise: ['WritesHeld', 'LeaderChanged', ...slowRejoin] },
  'repository-away': { raises: [notReceiving] },
  'repository-full': { raises: [notReceiving], mayRaise: ['BackupWalBehind'] },
  'restore-rehearsal': nothing,
  // A switchover, and later a leader that is killed and comes back.
  pitr: { raises: [leaderChanged], mayRaise: ['WritesHeld', ...slowRejoin, ...slowFailover] },
  'lose-everything': {
    raises: [writesHeld, { alert: 'NoLeader', withinSeconds: 70 }],
    mayRaise: ['MemberDown', 'LeaderChanged', 'HaproxyBackendEmpty', 'BackupWalBehind', ...slowRejoin],
  },
};

/** How long a fault has to last, in milliseconds, for all its alerts to fire; 0 where it raises none. */
export function alertHoldMs(fault: string): number {
  return Math.max(0, ...(expectedAlerts[fault]?.raises.map(({ withinSeconds }) => withinSeconds * 1_000) ?? []));
}
