import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { switchover } from '../../../../libs/chaos/src/faults/switchover.fault.js';
import { buildClientsImage, startOutside } from '../../../../libs/chaos/src/load/outside.client.js';
import { OutsideLoad } from '../../../../libs/chaos/src/load/outside.load.js';
import { documentedPrograms, readingProgram } from '../../../../libs/chaos/src/load/outside.programs.js';
import { useDrill } from '../../../../libs/chaos/test/support/drill.js';
import { useLab } from '../../../../libs/chaos/test/support/lab.js';

const buildBoundMs = 600_000;
const startBoundMs = 60_000;
/** What a run of the chaos tool allows for this fault on a slow machine. */
const backBoundMs = 20_000;
const readBoundMs = 20_000;
const readers = 12;

const lab = useLab();
beforeAll(buildClientsImage, buildBoundMs);

describe('A switchover, seen by the clients of docs/clients.md', () => {
  const claim = useDrill('clients', lab, async (drill) => {
    await drill.load((_, recorder, prefix) => OutsideLoad.prepare(lab, documentedPrograms, recorder, prefix));
    await drill.recovered(startBoundMs);
    await drill.inject(switchover, switchover.holdMs);
    await drill.recovered(backBoundMs);
  });

  for (const { name } of documentedPrograms) {
    claim(`${name}: writes come back, and no acknowledged row is lost`, (result) => {
      const { acked, lost, recovered, writeGapMs } = result.client(name);
      expect(acked).toBeGreaterThan(0);
      expect({ lost, recovered }).toEqual({ lost: 0, recovered: true });
      expect(writeGapMs).toBeLessThan(backBoundMs);
    });
  }

  claim('postgres-ha, HAProxy: no write fails', (result) => {
    expect(result.client('postgres-ha, HAProxy').errors).toEqual({});
  });
});

describe('Reads as docs/clients.md shows them', () => {
  async function read(): Promise<string> {
    const running = await startOutside(lab, readingProgram);
    return (await text(running.output)).trim();
  }

  it(
    'go to both replicas, and never to the leader',
    async () => {
      const [leader, replicas] = [await lab.leader(), await lab.replicas()];
      const answers: string[] = [];
      for (let reader = 0; reader < readers; reader += 1) answers.push(await read());
      expect(new Set(answers)).toEqual(new Set(replicas.map((member) => `${member} replica`)));
      expect(answers).not.toContain(`${leader} leader`);
    },
    readers * readBoundMs,
  );

  it(
    'go to the leader while there is no replica',
    async () => {
      const [leader, replicas] = [await lab.leader(), await lab.replicas()];
      await lab.nemesis.kill(...replicas);
      expect(await read()).toBe(`${leader} leader`);
    },
    readBoundMs * 3,
  );
});
