import { readFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import { publish } from '../../../libs/chaos/bench/published.table.js';
import { runScriptIn } from '../../../libs/chaos/test/support/script.js';
import { secondLab } from '../../../libs/chaos/test/support/second.lab.js';
import { lab as settings } from '../../../libs/chaos/test/support/settings.js';
import { inALine, measureRound, roundInWords, roundsTable, type Candidate, type Round } from './round.js';

const rounds = 7;
const lab = (...args: string[]) => runScriptIn(secondLab.environment, 'lab', ...args);

console.error('A second lab with everything encrypted is started beside the plain one.');
await lab('up');
const results = await compared().finally(() => lab('down', '--volumes'));

await publish('secure', 'What TLS and authentication everywhere cost', [
  `A plain lab and one with \`scripts/lab secure on\` run side by side and idle; they are measured in turn, ${rounds} rounds of each. ${roundInWords}`,
  roundsTable('lab', results),
]);

async function compared(): Promise<Map<string, Round[]>> {
  const ca = await readFile(new URL(`../../../${secondLab.folder}/authorities.crt`, import.meta.url), 'utf8');
  const candidates: Readonly<Record<string, Candidate>> = {
    plain: { api: settings.apiUrl, sql: settings.sql },
    secure: {
      api: `https://127.0.0.1:${secondLab.apiPort}`,
      sql: { ...settings.sql, port: secondLab.writePort, ssl: { ca } },
      agent: new Agent({ ca, keepAlive: true }),
    },
  };
  const found = new Map<string, Round[]>();
  for (let round = 1; round <= rounds; round += 1) {
    for (const [title, candidate] of Object.entries(candidates)) {
      const result = await measureRound(candidate);
      console.error(`${round}/${rounds} ${title}: ${inALine(result)}`);
      found.set(title, [...(found.get(title) ?? []), result]);
    }
  }
  return found;
}
