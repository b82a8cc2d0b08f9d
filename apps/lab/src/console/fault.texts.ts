/** What to know about a fault before it is chosen. One sentence each. */
export interface FaultText {
  /** What must be seen when it is injected. The bounds are those by which its runs are judged, and generous. */
  readonly mustDo: string;
  /** What it leaves out, on one machine with Docker. */
  readonly cannotShow: string;
}

/** By the fault's name in the catalogue of libs/chaos. */
export const faultTexts: Readonly<Record<string, FaultText>> = {
  'leader-kill': {
    mustDo:
      'Its lease runs out, then another member leads: no write for 28 s at most, no read for 3 s, and no HTTP request fails.',
    cannotShow:
      'A power cut: what PostgreSQL had handed to the kernel survives SIGKILL, and here the kernel closes its connections.',
  },
  'fenced-leader-kill': {
    mustDo:
      'The fencing service sees the death and releases the lock, so another member leads at once: no write for 13 s at most, no read for 3 s, no HTTP request fails.',
    cannotShow: 'A host that is gone: here Docker lives on and says for certain that the container is dead.',
  },
  'postmaster-kill': {
    mustDo:
      'Patroni gives the lock away and another member leads: no write for 18 s at most, no read for 3 s, and no HTTP request fails.',
    cannotShow: 'A PostgreSQL that hangs without dying, for nothing here would notice that.',
  },
  'replica-reports': {
    mustDo:
      'The reports that hold up replay are cancelled after a second, and another member leads: no write for 20 s at most, no read for 3 s, no HTTP request fails.',
    cannotShow: 'What a cancelled report costs the person who waits for it.',
  },
  'patroni-kill': {
    mustDo:
      'Patroni is started again and its member leads on, or another one leads: no write for 12 s at most, no read for 3 s, and no HTTP request fails.',
    cannotShow:
      'A Patroni that stays dead or hangs: then PostgreSQL would go on without one, for there is no watchdog.',
  },
  zombie: {
    mustDo:
      'Another member leads, and the old leader follows it when it wakes up: no write for 28 s at most, no read for 5 s, no HTTP request fails, nothing is lost.',
    cannotShow: "A clock that stood still as well: all containers share the machine's clock, which goes on.",
  },
  switchover: {
    mustDo: 'Another member leads: no write for 20 s at most, no read for 3 s, and no HTTP request fails.',
    cannotShow: 'A new leader on other hardware: all members have the same processor, memory and disk.',
  },
  'switchover-to': {
    mustDo:
      'The member that was named leads: no write for 18 s at most, no read for 3 s, no HTTP request fails; a fixed pause in Patroni costs two seconds.',
    cannotShow: 'A new leader far away: all members are on one network, and every round trip is short.',
  },
  'partition-leader': {
    mustDo:
      'The leader steps down before its lease ends, and another member leads: no write for 30 s at most, no read for 5 s, and no HTTP request fails.',
    cannotShow: 'A network that fails in part: here every packet is dropped, in both directions, until it is healed.',
  },
  'partition-etcd': {
    mustDo:
      'The leader leads on as long as it reaches all members, or another one leads: no write for 30 s at most, no read for 5 s, and no HTTP request fails.',
    cannotShow: 'An etcd that is slow: it is away at once and as a whole, and only for the leader.',
  },
  'partition-replicas': {
    mustDo:
      'Writes wait until the replicas are out of the quorum, then go on with one copy: no write for 20 s at most, no read for 5 s, no HTTP request fails, and replicas show old rows.',
    cannotShow: "The loss of that single copy: the leader's disk does not fail.",
  },
  'standby-kill': {
    mustDo:
      'The other replica confirms commits and answers reads: no write for 4 s at most, no read for 5 s, and no HTTP request fails.',
    cannotShow: 'A replica that was away for so long that its WAL is gone and it has to be copied anew.',
  },
  'replicas-kill': {
    mustDo:
      'Patroni lets the leader go on alone, and it answers reads, too: no write for 15 s at most, no read for 8 s, and no HTTP request fails.',
    cannotShow: 'What one copy is worth: the disk of that leader does not fail.',
  },
  'majority-kill': {
    mustDo:
      'Nobody leads until one of the two is back, and the last replica answers reads: no write for 60 s at most, no read for 8 s, nothing is lost; some HTTP writes may be refused.',
    cannotShow: 'Members that do not come back: both are started again with all of their data.',
  },
  'etcd-leader-kill': {
    mustDo:
      'Another etcd member leads etcd, and nothing changes for PostgreSQL: no write for 4 s at most, no read for 3 s, and no HTTP request fails.',
    cannotShow: 'An etcd with a slow disk of its own: its three members share one.',
  },
  'etcd-quorum-loss': {
    mustDo:
      'For a minute the leader leads on by failsafe mode: no write for 4 s at most, no read for 3 s, and no write and no HTTP request fails.',
    cannotShow: 'Anything else that breaks in this minute: with one more member away there would be no leader.',
  },
  'etcd-and-leader-kill': {
    mustDo:
      'All leases start again, so a failover takes longer: no write for 42 s at most, no read for 4 s; then another member leads.',
    cannotShow: 'A rack without power: here two processes end, and their disks and the network stay.',
  },
  'haproxy-restart': {
    mustDo:
      'Clients meet a closed port and HTTP requests fail, for there is one proxy: no write for 23 s at most, no read for 18 s; the leader stays.',
    cannotShow: 'A proxy that does not come back. Two proxies are there with scripts/lab edge on.',
  },
  'edge-kill': {
    mustDo: 'The other proxy takes the virtual IP: no write and no read for 6 s at most, and no HTTP request fails.',
    cannotShow: 'An address that moves between machines and switches: both proxies are on one machine.',
  },
  'edge-freeze': {
    mustDo:
      'The other proxy takes the virtual IP, and connections through the frozen one end: no write and no read for 6 s at most, and no HTTP request fails.',
    cannotShow: 'A frozen machine: its kernel would be silent, too, while here only its processes stand still.',
  },
  'edge-cut': {
    mustDo:
      'The other proxy takes the virtual IP, and the old one does not take it back: no write and no read for 6 s at most, and no HTTP request fails.',
    cannotShow: 'Real switches and their tables: both proxies are on one virtual network of this machine.',
  },
  'edge-move': {
    mustDo:
      'The virtual IP moves in order: no write and no read for 6 s at most, and no HTTP request fails; the leader stays.',
    cannotShow: 'Clouds, where an address moves by a call of their API and takes its time.',
  },
  'edge-restart': {
    mustDo:
      'One proxy after the other restarts, and the virtual IP moves: no write and no read for 6 s at most, and no HTTP request fails.',
    cannotShow: 'An upgrade: the same HAProxy and the same configuration come back.',
  },
  'api-kill': {
    mustDo:
      'HAProxy sends what was not answered to the other instance: no write and no read for 3 s at most, and no HTTP request fails.',
    cannotShow:
      'A host that is gone: here the kernel closes the connections at once, and nobody has to wait for silence.',
  },
  'packet-loss': {
    mustDo:
      'Everything is slower; another member may lead or not: no write for 30 s at most, no read for 10 s, nothing is lost.',
    cannotShow: 'Losses that come in bursts, as on a real line: here each packet is lost by chance, by itself.',
  },
  'disk-full': {
    mustDo:
      'Writes that need a new page get 503, the others and all reads go on: no write for 60 s at most, no read for 5 s, nothing is lost.',
    cannotShow: 'A slow or broken disk: this one is in memory, and is as fast as ever until it is full.',
  },
  'rolling-restart': {
    mustDo:
      'The replicas restart first and the leader last, so another member leads: no write for 25 s at most, no read for 8 s, and no HTTP request fails.',
    cannotShow: 'An upgrade: the same image comes back.',
  },
  pitr: {
    mustDo:
      'A wrong DELETE is found in the log, the moment before it is restored beside the lab in 120 s at most, and the rows are brought back: none is missing.',
    cannotShow: 'A mistake that is noticed after days, in a database that takes hours to restore.',
  },
  'lose-everything': {
    mustDo:
      'The cluster is rebuilt from the repository: no write and no read for 150 s at most, and at most 20 acknowledged writes are lost, those of the last moment.',
    cannotShow: 'A fire: the repository is on the same machine and would burn, too.',
  },
  'repository-away': {
    mustDo:
      'Writes go on, and the health of the service names the backup; back, it receives what it has missed, and a restore of 120 s at most has all of it.',
    cannotShow: 'An absence so long that the members let go of the WAL that they keep for it.',
  },
  'repository-full': {
    mustDo:
      'Writes go on, and the health of the service names the backup; with room again it receives what it has missed, and a restore of 120 s at most has all of it.',
    cannotShow: 'A disk that is full for so long that the members let go of the WAL that they keep.',
  },
  'restore-rehearsal': {
    mustDo:
      'Nothing breaks: a backup is verified, and restored beside the lab in 120 s at most, and nothing that clients were told is missing there.',
    cannotShow: 'How long it takes with the data of years.',
  },
  soak: {
    mustDo:
      'One random fault follows the other, and after each the lab becomes healthy again; nothing is lost, twice or stale where it must not be.',
    cannotShow: 'What takes weeks, such as slow leaks and full disks, and faults that nobody has thought of.',
  },
};
