import { describe, expect, it } from '@jest/globals';
import Docker from 'dockerode';
import { Containers } from '../../../cluster/src/containers.js';
import type { LabMode } from '../../../cluster/src/lab.js';
import { CannotRunError } from './cannot.run.error.js';
import { refusalOf, requireContainers } from './session.js';

const asMade: LabMode = { paused: false, replication: 'quorum', members: 3 };

describe('A session', () => {
  it.each<[string, LabMode, RegExp | undefined]>([
    ['accepts a lab as scripts/lab up makes it', asMade, undefined],
    ['refuses one in maintenance mode', { ...asMade, paused: true }, /patronictl resume$/],
    ['refuses one that waits for no standby', { ...asMade, replication: 'async' }, /lab replication quorum$/],
    ['refuses one that waits for a named standby', { ...asMade, replication: 'sync' }, /lab replication quorum$/],
    ['refuses one with a fourth member', { ...asMade, members: 4 }, /lab scale 3$/],
  ])('%s', (_, mode, words) => {
    const refusal = refusalOf(mode);
    if (words === undefined) expect(refusal).toBeUndefined();
    else expect(refusal).toMatch(words);
  });

  it('does not wait for a lab when no engine answers, and names DOCKER_HOST', async () => {
    const nobody = new Containers('lab', new Docker({ socketPath: '/nonexistent/docker.sock' }));
    const error: unknown = await requireContainers(nobody, 'lab').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(CannotRunError);
    expect(String(error)).toMatch(/no Docker engine answers \(connect ENOENT .*docker\.sock\).*DOCKER_HOST$/);
  });

  it('does not wait for a lab without a container, and names both ways out', async () => {
    await expect(requireContainers({ list: async () => [] }, 'my-lab')).rejects.toThrow(
      /no container of the lab 'my-lab'.*scripts\/lab up.*DOCKER_HOST$/,
    );
  });

  it('throws the error of an engine that refuses to answer', async () => {
    const refused = Object.assign(new Error('client version 1.40 is too old'), { statusCode: 400 });
    await expect(requireContainers({ list: () => Promise.reject(refused) }, 'lab')).rejects.toBe(refused);
  });
});
