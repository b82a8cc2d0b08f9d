import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { catalogue } from '../../../../libs/chaos/src/faults/catalogue.js';
import { LabSession } from '../../../../libs/chaos/src/runs/session.js';
import { originOf } from '../../../../libs/cluster/src/lab.settings.js';
import { Lab } from '../../../../libs/cluster/src/lab.js';
import { faultTexts } from './fault.texts.js';
import type { Demonstration, FaultView, LogEntry, TimelineView } from '../../../../libs/live/src/protocol.js';
import { z } from 'zod';
import type { Change } from './changes.js';
import { ConsoleServer } from './console.server.js';
import { demonstrate } from './demonstrations.js';
import { Director } from './director.js';
import { LabSampler } from './lab.sampler.js';
import { RunFolders } from './run.views.js';
import { WorkerProcess } from './worker.process.js';

const snapshotEveryMs = 100;
const whyTakenEveryMs = 1_000;
/** A page that was closed heals, and one that was loaded again does not. */
const abandonedMs = 5_000;
const mostLogEntries = 500;
const timelinesWithinMs = 3_000;

const page = fileURLToPath(new URL('../../../../dist/console/', import.meta.url));

const historySchema = z.array(
  z.object({
    timeline: z.number(),
    switchLsn: z.string(),
    reason: z.string(),
    endedAt: z.string().nullable(),
    newLeader: z.string().nullable(),
  }),
);

/** The live page: its server, what it knows of the lab, and what it does with it. */
export class Console {
  private readonly token = randomBytes(18).toString('base64url');
  private readonly folders = new RunFolders('.lab/chaos');
  private readonly log: LogEntry[] = [];
  private readonly sampler: LabSampler;
  private readonly director: Director;
  private readonly server: ConsoleServer;
  private timers: NodeJS.Timeout[] = [];
  private abandoned: NodeJS.Timeout | undefined;
  private taken: string | undefined;
  private entries = 0;
  private lookingAtFaults: Promise<FaultView[]> | undefined;

  constructor(private readonly lab: Lab) {
    const tell = (change: Change) => this.tell(change);
    this.sampler = new LabSampler(lab, tell);
    this.director = new Director(this.folders, tell, WorkerProcess.start);
    this.server = new ConsoleServer(
      {
        faults: () => this.faults(),
        timelines: () => this.timelines(),
        load: ({ ratePerSecond }) => this.director.load(ratePerSecond),
        break: ({ fault, prediction }) => this.director.break(fault, prediction),
        heal: () => this.director.heal(),
        demonstrate: ({ what }) => this.demonstrate(what),
        log: () => this.log,
        watched: (pages) => this.watched(pages),
      },
      page,
      this.folders,
      this.token,
    );
  }

  /** @returns the URL with the token that lets a page change things */
  async open(port: number): Promise<string> {
    const chosen = await this.server.listen(port);
    this.sampler.start();
    const look = async () => {
      this.taken = await this.whyTaken();
    };
    this.timers = [
      setInterval(() => this.sendSnapshot(), snapshotEveryMs),
      setInterval(() => void look(), whyTakenEveryMs),
    ];
    return `http://127.0.0.1:${chosen}/#token=${this.token}`;
  }

  /** Heals what is broken, and ends. */
  async close(): Promise<void> {
    clearTimeout(this.abandoned);
    // Pages see that it heals.
    await this.director.close().finally(async () => {
      for (const timer of this.timers) clearInterval(timer);
      this.sampler.stop();
      await this.server.close();
    });
  }

  private sendSnapshot(): void {
    const atMs = Date.now();
    // The log goes on while nobody watches.
    const view = this.sampler.view(atMs);
    if (this.server.pageCount === 0) return;
    this.server.snapshot({
      ...view,
      atMs,
      client: this.director.client,
      activity: this.director.activity(atMs, this.taken),
      lastRun: this.director.lastRun,
    });
  }

  private tell(change: Change): void {
    this.entries += 1;
    const entry = { id: this.entries, atMs: Date.now(), ...change };
    this.log.push(entry);
    if (this.log.length > mostLogEntries) this.log.shift();
    this.server.logged(entry);
  }

  private watched(pages: number): void {
    clearTimeout(this.abandoned);
    if (pages > 0) return;
    this.abandoned = setTimeout(() => {
      // Without a fault there is nothing to heal, but the load must not go on for ever. What fails is in the log.
      this.director.leave().catch(() => undefined);
    }, abandonedMs);
  }

  private async demonstrate(what: Demonstration): Promise<unknown> {
    // Of this moment: what the timer has seen last may be a worker of ours that has just ended.
    const taken = await this.whyTaken();
    return this.director.demonstrate((signal) => demonstrate(this.lab, what, signal), taken);
  }

  private whyTaken(): Promise<string | undefined> {
    return LabSession.whyTaken(this.lab.settings).catch(() => undefined);
  }

  /** Pages that ask at the same time get the same answer: each look starts programs in containers. */
  private faults(): Promise<FaultView[]> {
    this.lookingAtFaults ??= this.lookAtFaults().finally(() => {
      this.lookingAtFaults = undefined;
    });
    return this.lookingAtFaults;
  }

  private async lookAtFaults(): Promise<FaultView[]> {
    const leader = await this.lab.leader().catch(() => undefined);
    const views: FaultView[] = [];
    for (const fault of catalogue) {
      const whyNot =
        leader === undefined
          ? 'nobody leads'
          : await fault.precondition?.({ lab: this.lab, leader }).catch((error: Error) => error.message);
      const { mustDo = '', cannotShow = '' } = faultTexts[fault.name] ?? {};
      const { name, title, failover = null, quick = false } = fault;
      views.push({ name, title, mustDo, cannotShow, failover, quick, whyNot: whyNot ?? null });
    }
    return views;
  }

  private async timelines(): Promise<TimelineView[]> {
    const url = `${originOf(this.lab.settings, this.lab.settings.API_PORT)}/cluster/history`;
    const response = await fetch(url, { signal: AbortSignal.timeout(timelinesWithinMs) });
    if (!response.ok) throw new Error(`the service answered ${response.status}`);
    return historySchema.parse(await response.json()).map(({ timeline, switchLsn, reason, endedAt, newLeader }) => ({
      timeline,
      lsn: switchLsn,
      reason,
      at: endedAt,
      leader: newLeader,
    }));
  }
}
