import { healedBoundMs } from '../faults/bounds.js';
import { NotHealedError } from '../faults/healing.js';
import { Nemesis } from '../faults/nemesis.js';
import { FaultJournal } from '../faults/fault.journal.js';
import type { Containers } from '../../../cluster/src/containers.js';
import { Lab, type LabMode } from '../../../cluster/src/lab.js';
import type { LabSettings } from '../../../cluster/src/lab.settings.js';
import { until } from '../../../cluster/src/wait.js';
import { CannotRunError } from './cannot.run.error.js';

/** Where it is written what is broken, for each lab of this folder. */
const journalOf = ({ LAB_NAME }: LabSettings): string => `.lab/chaos-${LAB_NAME}.json`;
/** Bounds the wait for a lab that has just come up. */
const healthyBoundMs = 20_000;

/** Exclusive use of a lab: healthy at the start, and healed at the end whatever happens. */
export class LabSession {
  private constructor(
    readonly lab: Lab,
    readonly nemesis: Nemesis,
    private readonly journal: FaultJournal,
  ) {}

  /**
   * Heals what an earlier run left broken, and checks that the lab can be used.
   *
   * @throws CannotRunError when the lab is not healthy, or not configured as `scripts/lab up` does it
   * @throws NotHealedError when what was left broken can't be healed
   * @throws LabInUseError while another run is at work
   */
  static async open(settings: LabSettings, say: (line: string) => void, signal: AbortSignal): Promise<LabSession> {
    const session = await LabSession.claim(settings);
    const { lab, journal } = session;
    try {
      await requireContainers(lab.containers, settings.LAB_NAME);
      if (await session.healLeftovers(say)) await lab.waitHealthy(healedBoundMs, signal);
      const bound = { what: 'Patroni says how it works', boundMs: healthyBoundMs, signal };
      const refusal = refusalOf(await until(bound, () => lab.mode()));
      if (refusal !== undefined) throw new CannotRunError(refusal);
      await lab.waitHealthy(healthyBoundMs, signal);
    } catch (cause) {
      await journal.close();
      if (cause instanceof CannotRunError || cause instanceof NotHealedError) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new CannotRunError(`${reason}. Bring the lab up first: scripts/lab up`, { cause });
    }
    return session;
  }

  /**
   * Heals what an interrupted run or test has left broken, and does not wait until the lab is healthy.
   *
   * @returns whether anything was broken
   * @throws NotHealedError
   * @throws LabInUseError while another run is at work
   */
  static async heal(settings: LabSettings, say: (line: string) => void): Promise<boolean> {
    const session = await LabSession.claim(settings);
    try {
      return await session.healLeftovers(say);
    } finally {
      await session.journal.close();
    }
  }

  /** Why another program has this lab now, or has left it broken; undefined where neither is so. */
  static whyTaken(settings: LabSettings): Promise<string | undefined> {
    return FaultJournal.whyTaken(journalOf(settings));
  }

  private static async claim(settings: LabSettings): Promise<LabSession> {
    const journal = await FaultJournal.open(journalOf(settings));
    const lab = new Lab(settings);
    return new LabSession(lab, new Nemesis(lab, journal), journal);
  }

  private async healLeftovers(say: (line: string) => void): Promise<boolean> {
    const { broken } = this.journal;
    if (broken.length > 0) say(`healing what an earlier run left broken: ${broken.map(({ kind }) => kind).join(', ')}`);
    return this.nemesis.heal();
  }

  /**
   * Heals the lab and ends its use.
   *
   * @throws NotHealedError
   */
  async close(): Promise<void> {
    try {
      await this.nemesis.heal();
    } finally {
      await this.journal.close();
    }
  }
}

/**
 * Checks that there is a lab to wait for.
 *
 * @throws CannotRunError when no Docker engine answers, or when it has no container of the lab
 */
export async function requireContainers(containers: Pick<Containers, 'list'>, project: string): Promise<void> {
  const found = await containers.list().catch((cause: Error) => {
    // An error with a status is an answer of the engine.
    if ('statusCode' in cause) throw cause;
    throw new CannotRunError(`no Docker engine answers (${cause.message}). Start it, or name it in DOCKER_HOST`, {
      cause,
    });
  });
  if (found.length > 0) return;
  throw new CannotRunError(
    `Docker has no container of the lab '${project}'. Bring it up: scripts/lab up. If it is up, it runs on another engine: name that in DOCKER_HOST`,
  );
}

/** Why faults prove nothing about a lab that works this way, and what to do; undefined where they do. */
export function refusalOf({ paused, replication, members }: LabMode): string | undefined {
  if (paused)
    return 'Patroni is in maintenance mode, in which nobody fails over: docker exec patroni1 patronictl resume';
  if (members !== 3) return `there are ${members} members, and the faults are about three: scripts/lab scale 3`;
  return replication === 'quorum'
    ? undefined
    : `replication is ${replication}, and the faults are about quorum: scripts/lab replication quorum`;
}
