import type pg from 'pg';
import { healedBoundMs } from '../faults/bounds.js';
import type { FaultJournal } from '../faults/fault.journal.js';
import { healJournal } from '../faults/healing.js';
import { until } from '../../../cluster/src/wait.js';
import { runCommand } from './command.runner.js';
import type { MemberWords } from './command.words.js';
import { createSchema, deleteRows, dropSchema } from './judge.schema.js';
import { type AccessSource, assertWritable, clientConfigOf, isRefusal } from './sql.access.js';
import type { Target, TargetFault } from './target.schema.js';
import { type Place, type TargetUndo, whyElsewhere } from './target.undo.js';

/** Breaks a target by the commands of its file, and heals it. Before anything is broken or made, the journal says how to undo it. */
export class TargetNemesis {
  constructor(
    private readonly journal: FaultJournal<TargetUndo>,
    private readonly target: Pick<Target, 'sql'>,
    private readonly source: AccessSource,
  ) {}

  private get place(): Place {
    const { host, port, database } = this.target.sql.write;
    return { host, port, database };
  }

  /** Asked for late: commands can be undone without the password. */
  private get leader(): pg.ClientConfig {
    return clientConfigOf(this.target.sql.write, this.target, this.source);
  }

  /** Runs the commands that inject a fault. @throws CommandError */
  async inject(name: string, fault: TargetFault, members: MemberWords, signal: AbortSignal): Promise<void> {
    const { inject, heal: commands, timeout: timeoutMs } = fault;
    const { folder, environment } = this.source;
    await this.journal.add({ kind: 'commands', fault: name, commands, members, folder, timeoutMs });
    for (const command of inject) {
      signal.throwIfAborted();
      await runCommand(command, { members, timeoutMs, folder, environment, signal });
    }
  }

  /** Makes the schema, which healing everything drops. */
  async makeSchema(token: string): Promise<void> {
    await this.journal.add({ kind: 'schema', token, at: this.place });
    await createSchema(this.leader, token);
  }

  /** Healing everything deletes these rows: of a schema that stays. */
  async rowsWillBe(prefix: string): Promise<void> {
    await this.journal.add({ kind: 'rows', prefix, at: this.place });
  }

  /**
   * Heals what is broken, newest first. For schema and rows it waits for somebody who takes writes: the failover that the fault
   * has begun takes its time.
   *
   * @param what `faults`: only what commands have broken; the schema stays, for the run goes on
   * @param signal ends that wait
   * @returns whether anything was broken
   * @throws NotHealedError
   */
  heal(what: 'faults' | 'everything', signal?: AbortSignal): Promise<boolean> {
    const inDatabase = this.waiting(signal);
    return healJournal(this.journal, {
      undo: (undo) => this.undo(undo, inDatabase),
      nameOf: (undo) => (undo.kind === 'commands' ? `fault ${undo.fault}` : undo.kind),
      isMeant: ({ kind }) => what === 'everything' || kind === 'commands',
      command: 'postgres-ha-judge chaos run or chaos heal',
    });
  }

  private async undo(undo: TargetUndo, inDatabase: InDatabase): Promise<void> {
    switch (undo.kind) {
      case 'commands':
        for (const command of undo.commands)
          await runCommand(command, { ...undo, environment: this.source.environment });
        return;
      case 'schema':
        return inDatabase(undo.at, (leader) => dropSchema(leader, undo.token));
      case 'rows':
        return inDatabase(undo.at, (leader) => deleteRows(leader, undo.prefix));
    }
  }

  /** All work shares one bound: where nobody takes writes again, each entry of the journal would else wait for it anew. */
  private waiting(signal: AbortSignal | undefined): InDatabase {
    let endMs: number | undefined;
    let late: unknown;
    return async (at, work) => {
      const elsewhere = whyElsewhere(at, this.place);
      if (elsewhere !== undefined) throw new Error(elsewhere);
      if (late !== undefined) throw late;
      const { leader } = this;
      // From the first on: commands that were undone before have bounds of their own.
      endMs ??= performance.now() + healedBoundMs;
      const bound = { what: 'somebody takes writes', boundMs: endMs - performance.now(), everyMs: 1_000, signal };
      const done = await until(bound, async () => {
        await assertWritable(leader);
        return work(leader).then(
          () => ({}),
          (error: unknown) => {
            if (isRefusal(error)) return { error };
            throw error;
          },
        );
      }).catch((error: unknown) => {
        late = error;
        throw error;
      });
      if ('error' in done) throw done.error;
    };
  }
}

/** Does work in the database in which something was made, as soon as somebody takes writes there. */
type InDatabase = (at: Place, work: (leader: pg.ClientConfig) => Promise<void>) => Promise<void>;
