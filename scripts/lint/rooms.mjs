// Which folder may import from which. A room is one folder, without the folders in it. Its files import each other freely, and
// beyond that only what its row lists: rooms, or a single file where a library has one door. A folder without a row may
// import nothing and be imported by nobody. The rule that reads this is rooms.rule.mjs; docs/architecture.md quotes it.

/** The entry points of the data layer: its core, and what stands on it. Applications import these and nothing else of it. */
const haCore = 'libs/postgres-ha/src/index.ts';
const haNest = 'libs/postgres-ha/src/nest/index.ts';
const haTypeOrm = 'libs/postgres-ha/src/typeorm/index.ts';
const postgresHa = [haCore, haNest];
const haClass = 'libs/postgres-ha/src/postgres-ha.ts';
const cluster = 'libs/cluster/src';
const backup = 'libs/backup/src';
/** What words about the cluster mean: pure, and allowed where the clients of `cluster` are not. */
const core = 'libs/cluster/src/core';

const api = (...names) => names.map((name) => `apps/api/src/${name}`);
const data = (...names) => names.map((name) => `libs/postgres-ha/src/${name}`);
const page = (...names) => names.map((name) => `apps/console/src/${name}`);
/** What the live page and its server say to each other, and its lessons. */
const live = ['libs/live/src', 'libs/live/src/lessons'];
/** How tests break the lab and judge what was seen. */
const drills = 'libs/chaos/test/support';
const chaos = (...names) => names.map((name) => `libs/chaos/src/${name}`);

/** The app or library that a path belongs to: `apps/api`, `libs/chaos`, `scripts/lib`. */
export const houseOf = (path) => path.split('/', 2).join('/');

/** @type {Record<string, string[]>} room → what its files may import */
export const rooms = {
  // The service: what it is put together from, its features, and what they stand on.
  'apps/api/src': [
    ...api('albums', 'cache', 'cluster', 'config', 'customers', 'health', 'migrations', 'observability', 'orders'),
    ...api('patroni', 'problem-details', 'products'),
    ...postgresHa,
    'libs/service-kit/src',
  ],
  'apps/api/src/albums': [...api('cache', 'pagination', 'problem-details'), ...postgresHa],
  'apps/api/src/cache': [...api('config', 'observability', 'problem-details'), ...postgresHa, 'libs/service-kit/src'],
  'apps/api/src/cluster': [...api('patroni', 'problem-details'), core, ...postgresHa],
  'apps/api/src/config': [haCore, 'libs/service-kit/src'],
  'apps/api/src/customers': [...api('pagination', 'problem-details'), ...postgresHa],
  'apps/api/src/health': [
    ...api('cache', 'cluster', 'config', 'observability', 'patroni'),
    core,
    ...postgresHa,
    'libs/service-kit/src',
  ],
  'apps/api/src/migrations': [...api('config'), haCore, haTypeOrm, 'libs/service-kit/src'],
  'apps/api/src/observability': api('config'),
  'apps/api/src/orders': [...api('customers', 'pagination', 'problem-details'), ...postgresHa],
  'apps/api/src/pagination': [...api('problem-details'), haCore],
  'apps/api/src/patroni': [...api('config'), 'libs/service-kit/src'],
  'apps/api/src/problem-details': [haCore],
  'apps/api/src/products': [...api('pagination', 'problem-details'), ...postgresHa],
  'apps/api/seed': [...api('config'), haCore],
  'apps/api/docs': api('config', 'problem-details'),
  'apps/api/bench': [
    'apps/api/test/support',
    ...chaos('checkers', 'faults', 'load', 'runs'),
    'libs/chaos/bench',
    drills,
    cluster,
  ],
  'apps/api/test/e2e': [
    ...api('cache', 'config', 'migrations', 'observability', 'problem-details'),
    'apps/api/test/support',
    drills,
    cluster,
    ...postgresHa,
  ],
  'apps/api/test/failover': [
    'apps/api/test/failover/one-load',
    'apps/api/test/support',
    ...chaos('checkers', 'faults', 'history', 'runs'),
    'infra/kubernetes/test',
    drills,
    cluster,
    ...postgresHa,
  ],
  'apps/api/test/failover/one-load': ['apps/api/test/support', ...chaos('faults'), drills, cluster],
  'apps/api/test/support': [
    'apps/api/src',
    ...api('config', 'patroni'),
    ...chaos('faults', 'history', 'load'),
    drills,
    cluster,
    core,
    'libs/service-kit/src',
  ],

  // The fencing service.
  'apps/fencing/src': [core, 'libs/service-kit/src'],
  'apps/fencing/test/failover': ['apps/fencing/test/support', drills, cluster, core],
  'apps/fencing/test/support': ['apps/fencing/src', drills, cluster],

  // The lab's command line.
  'apps/lab/src': [
    'apps/lab/src/console',
    'apps/lab/src/reports',
    ...chaos('command-line', 'faults', 'mutations', 'reports', 'results', 'runs'),
    backup,
    cluster,
    core,
  ],
  'apps/lab/src/console': [
    ...chaos('faults', 'history', 'load', 'numbers', 'observe', 'reports', 'results', 'runs'),
    cluster,
    core,
    ...live,
  ],
  'apps/lab/bench': ['apps/lab/test/support', 'libs/chaos/bench'],
  'apps/lab/docs': ['apps/lab/test/support'],
  'apps/lab/src/reports': chaos('reports', 'results'),
  'apps/lab/test': ['apps/lab/src/console', 'apps/lab/test/support', ...chaos('faults', 'results'), ...live],
  'apps/lab/test/e2e': ['apps/lab/test/support', drills, core, 'scripts/lib'],
  'apps/lab/test/failover': [
    'apps/lab/test/support',
    ...chaos('alerts', 'checkers', 'faults', 'history', 'load', 'runs'),
    'infra/observability/dashboards',
    drills,
    backup,
    cluster,
    core,
  ],
  'apps/lab/test/secure': ['apps/lab/test/support', drills, cluster],
  'apps/lab/test/support': [cluster],

  // The judge of any cluster: what libs/chaos knows without the lab.
  'apps/judge/src': chaos('command-line', 'elle', 'faults', 'history', 'reports', 'results', 'runs', 'targets'),
  'apps/judge/test': chaos('targets'),
  'apps/judge/test/failover': ['apps/judge/test/support', drills, ...chaos('results'), cluster],
  'apps/judge/test/support': [cluster],

  // The live page, which runs in a browser.
  'apps/console/src': [
    ...page('break', 'client-view', 'lessons', 'log', 'parts', 'state', 'styles', 'topology'),
    ...live,
  ],
  'apps/console/src/break': [...page('parts', 'state'), ...live],
  'apps/console/src/client-view': [...page('parts', 'state'), ...live],
  'apps/console/src/lessons': [...page('break', 'parts', 'state'), ...live],
  'apps/console/src/log': [...page('break', 'parts', 'state'), ...live],
  'apps/console/src/parts': [],
  'apps/console/src/state': live,
  'apps/console/src/styles': [],
  'apps/console/src/topology': [...page('parts', 'state'), ...live],

  // The laboratory: history ← checkers ← assembly; faults and load know the cluster; runs put all of it together.
  'libs/chaos/src/alerts': [...chaos('checkers', 'faults'), cluster],
  'libs/chaos/src/assembly': chaos('checkers', 'history', 'numbers', 'results'),
  'libs/chaos/src/checkers': chaos('history', 'numbers'),
  'libs/chaos/src/command-line': chaos('faults', 'results', 'runs'),
  'libs/chaos/src/elle': chaos('history', 'results'),
  'libs/chaos/src/faults': [...chaos('checkers', 'history', 'load', 'random'), backup, cluster, core],
  'libs/chaos/src/history': [],
  'libs/chaos/src/load': [...chaos('history'), cluster, core],
  'libs/chaos/src/mutations': [...chaos('checkers', 'faults', 'load'), cluster],
  'libs/chaos/src/numbers': [],
  'libs/chaos/src/observe': [...chaos('history'), cluster, core],
  'libs/chaos/src/random': [],
  'libs/chaos/src/reports': chaos('results'),
  'libs/chaos/src/results': chaos('history', 'numbers'),
  'libs/chaos/src/runs': [
    ...chaos(
      'alerts',
      'assembly',
      'checkers',
      'faults',
      'history',
      'load',
      'mutations',
      'observe',
      'random',
      'results',
    ),
    cluster,
  ],
  // A cluster that a file describes; none of it may know the lab.
  'libs/chaos/src/targets': [
    ...chaos('assembly', 'checkers', 'faults', 'history', 'load', 'observe', 'results', 'runs'),
    cluster,
    core,
  ],
  'libs/chaos/bench': [...chaos('checkers', 'faults', 'load', 'numbers', 'random', 'runs'), drills, backup, cluster],
  'libs/chaos/test/support': [
    ...chaos('assembly', 'checkers', 'faults', 'history', 'load', 'random', 'results', 'runs'),
    cluster,
  ],

  // Backups: what is asked of the repository, and servers that are restored from it.
  [backup]: [cluster],

  // The lab seen from outside: clients of its parts, and beside them what words like "healthy" mean.
  [cluster]: [core],
  [core]: [],
  'libs/cluster/bin': [cluster, core],

  // What the live page and its server share: types, texts and decisions; no I/O.
  'libs/live/src': [],
  'libs/live/src/lessons': ['libs/live/src'],

  // The data layer, which other teams install: nothing of this repository but itself. Its core knows no framework.
  'libs/postgres-ha/src': data('consistency', 'database', 'errors', 'options', 'transactions'),
  'libs/postgres-ha/src/consistency': data('database', 'errors', 'observability', 'options', 'tracing'),
  'libs/postgres-ha/src/database': data('errors', 'options'),
  'libs/postgres-ha/src/errors': [],
  'libs/postgres-ha/src/observability': [],
  'libs/postgres-ha/src/options': [],
  'libs/postgres-ha/src/tracing': data('database'),
  'libs/postgres-ha/src/transactions': data('consistency', 'database', 'errors', 'observability', 'options', 'tracing'),
  'libs/postgres-ha/src/typeorm': [haClass, ...data('consistency', 'database', 'options')],
  'libs/postgres-ha/src/nest': [
    haClass,
    ...data('consistency', 'database', 'errors', 'options', 'transactions', 'typeorm'),
  ],
  'libs/postgres-ha/src/adapters': [haClass, ...data('database', 'nest', 'transactions', 'typeorm')],
  'libs/postgres-ha/test/package': [...data('adapters'), haCore, haTypeOrm, 'libs/postgres-ha/test/support'],
  'libs/postgres-ha/test/support': [haCore],

  // Dashboards and alert rules are data; those of Grafana are written by a program.
  'infra/observability/dashboards': [],
  'infra/observability/prometheus': [core],

  // Manifests, those of them that a program writes, and what they are held against: the service's own variables among it.
  'infra/kubernetes': [],
  'infra/kubernetes/test': ['infra/kubernetes', ...api('config')],

  'libs/service-kit/src': [],
  'scripts/lib': [],
  'scripts/lint': [],
};

/** What the specs beside the code of an app or library may import besides: the helpers of their tests. */
export const specs = {
  'apps/fencing': ['apps/fencing/test/support'],
  'apps/lab': [drills, ...chaos('checkers', 'load')],
  'libs/chaos': [drills],
};
