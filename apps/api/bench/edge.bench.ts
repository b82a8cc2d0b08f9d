import { withLab } from '../../../libs/chaos/bench/measured.trial.js';
import { publish } from '../../../libs/chaos/bench/published.table.js';
import { lab as settings } from '../../../libs/chaos/test/support/settings.js';
import { inALine, measureRound, roundInWords, roundsTable, type Round } from './round.js';

const rounds = 3;
const healthyBoundMs = 120_000;

const results = await withLab(async ({ lab, nemesis }) => {
  if (!(await lab.hasEdge())) await nemesis.healLater({ kind: 'removeEdge' });
  const found = new Map<string, Round[]>();
  for (let round = 1; round <= rounds; round += 1) {
    for (const [title, to] of [
      ['one proxy', 'off'],
      ['two proxies and the forwarder', 'on'],
    ] as const) {
      await lab.edge(to);
      await lab.waitHealthy(healthyBoundMs);
      const result = await measureRound({ api: settings.apiUrl, sql: settings.sql });
      console.error(`${round}/${rounds} ${title}: ${inALine(result)}`);
      found.set(title, [...(found.get(title) ?? []), result]);
    }
  }
  return found;
});

await publish('edge', 'What two proxies and a virtual IP cost', [
  `The same lab with \`scripts/lab edge off\` and \`on\`, in turn, ${rounds} rounds of each. Clients use the published ports, so with two proxies each request passes the forwarder as well. ${roundInWords}`,
  roundsTable('lab', results),
]);
