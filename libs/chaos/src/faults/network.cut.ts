/** One way of cutting a container off the network, in both directions. */
export type Cut =
  /** Drops everything but the loopback. */
  | { readonly what: 'everything' }
  /** Drops every frame, ARP among them, as when the cable is pulled: nobody is told any more that an address is here. */
  | { readonly what: 'cable' }
  /** Drops every packet to and from these addresses. */
  | { readonly what: 'peers'; readonly addresses: readonly string[] }
  /** Drops packets between these addresses and PostgreSQL's port on this container. */
  | { readonly what: 'replication'; readonly addresses: readonly string[] }
  /** Drops packets to and from etcd's client port on any host. */
  | { readonly what: 'etcd' }
  /** Drops so many of a hundred packets at random, but none of the loopback. */
  | { readonly what: 'loss'; readonly percent: number };

/** The table that holds our rules. It also ends with the container's network namespace. */
const table = 'lab_chaos';

/** The nft commands that make a cut. They replace an earlier cut of this kind. */
export function cutRules(cut: Cut): string[] {
  if (cut.what === 'cable') return [...uncutRules('cable'), ...interfaceChains(table, 'drop')];
  const [incoming, outgoing] = matches(cut);
  return [
    ...uncutRules(cut.what),
    `add table inet ${table}`,
    `add chain inet ${table} in { type filter hook input priority 0; }`,
    `add chain inet ${table} out { type filter hook output priority 0; }`,
    ...incoming.map((match) => `add rule inet ${table} in ${match} drop`),
    ...outgoing.map((match) => `add rule inet ${table} out ${match} drop`),
  ];
}

/** The nft commands that undo a cut of this kind; no error where there is none. */
export function uncutRules(what: Cut['what']): string[] {
  return [`add table ${familyOf(what)} ${table}`, `delete table ${familyOf(what)} ${table}`];
}

/**
 * Packets of packet sockets, as keepalived's gratuitous ARP, pass none of the chains for IP and ARP, but that of their interface. Its
 * outgoing side is there since Linux 5.16.
 */
const interfaceChains = (name: string, policy: 'accept' | 'drop') => [
  `add table netdev ${name}`,
  ...['ingress', 'egress'].map(
    (side) =>
      `add chain netdev ${name} ${side} { type filter hook ${side} device "eth0" priority 0; policy ${policy}; }`,
  ),
];

/** Only a cut that must do so names interfaces, for not every kernel can. */
const familyOf = (what: Cut['what']) => (what === 'cable' ? 'netdev' : 'inet');

/** The nft commands that try the rules of such a cut where they drop no packet, and remove them again. */
export function probeRules(what: Cut['what']): string[] {
  if (what === 'cable') return [...interfaceChains('lab_probe', 'accept'), 'delete table netdev lab_probe'];
  return [
    'add table inet lab_probe',
    'add chain inet lab_probe probe',
    ...matches(examples[what])
      .flat()
      .map((match) => `add rule inet lab_probe probe ${match} drop`),
    'delete table inet lab_probe',
  ];
}

type PacketCut = Exclude<Cut, { readonly what: 'cable' }>;

/** Cuts with addresses that no host has (RFC 5737). */
const examples: { readonly [What in PacketCut['what']]: PacketCut } = {
  everything: { what: 'everything' },
  peers: { what: 'peers', addresses: ['192.0.2.1'] },
  replication: { what: 'replication', addresses: ['192.0.2.1'] },
  etcd: { what: 'etcd' },
  loss: { what: 'loss', percent: 20 },
};

function matches(cut: PacketCut): [string[], string[]] {
  switch (cut.what) {
    case 'everything':
      return [['iif != "lo"'], ['oif != "lo"']];
    case 'peers':
      return [[`ip saddr ${set(cut.addresses)}`], [`ip daddr ${set(cut.addresses)}`]];
    case 'replication':
      return [[`ip saddr ${set(cut.addresses)} tcp dport 5432`], [`ip daddr ${set(cut.addresses)} tcp sport 5432`]];
    case 'etcd':
      return [['tcp sport 2379'], ['tcp dport 2379']];
    case 'loss': {
      const loss = `numgen random mod 100 < ${cut.percent}`;
      return [[`iif != "lo" ${loss}`], [`oif != "lo" ${loss}`]];
    }
  }
}

const set = (addresses: readonly string[]) => `{ ${addresses.join(', ')} }`;
