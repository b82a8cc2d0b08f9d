import { z } from 'zod';
import { containerOf, docker } from '../../../../libs/chaos/test/support/docker.js';
import { until } from '../../../../libs/cluster/src/wait.js';

const lineSchema = z.looseObject({
  time: z.iso.datetime(),
  death: z.object({ member: z.string() }),
  action: z.enum(['fence', 'leave', 'doubt']),
  reason: z.string(),
  afterMs: z.number(),
});

/** What the fencing service logged about one death. */
export type LoggedDecision = z.output<typeof lineSchema>;

/** The decisions of the fencing service since `sinceMs` (Unix time), oldest first. */
export async function decisions(sinceMs: number): Promise<LoggedDecision[]> {
  const since = (sinceMs / 1_000).toFixed(3);
  const output = await docker(['logs', '--since', since, containerOf('fencing')]);
  return output
    .split('\n')
    .filter((line) => line.includes('"decided: '))
    .map((line) => lineSchema.parse(JSON.parse(line)));
}

/** The first decision about `member` since `sinceMs`. */
export async function decisionAbout(member: string, sinceMs: number, boundMs: number): Promise<LoggedDecision> {
  return until({ what: `a decision about ${member}`, boundMs }, async () =>
    (await decisions(sinceMs)).find((decision) => decision.death.member === member),
  );
}
