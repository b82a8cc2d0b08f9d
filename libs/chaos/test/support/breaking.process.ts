import { setTimeout as sleep } from 'node:timers/promises';
import { LabSession } from '../../src/runs/session.js';
import { openLab } from './settings.js';

/** Injects several faults, prints `broken`, and waits until it is killed: the lab is then as interrupted tests leave it. */
const lab = openLab();
const session = await LabSession.open(lab.settings, console.error, new AbortController().signal);
const { nemesis } = session;
const [replica = ''] = await lab.replicas();
await nemesis.configure({ synchronous_mode: 'off', pause: true });
await nemesis.pause('api1');
await nemesis.kill('redis');
await nemesis.freezeReplay(replica);
await nemesis.cutReplication(await lab.leader());
console.log('broken');
await sleep(2 ** 31 - 1);
