import type pg from 'pg';
import type { FaultJournal } from '../faults/fault.journal.js';
import { healJournal } from '../faults/healing.js';
import { runCommand } from './command.runner.js';
import type { MemberWords } from './command.words.js';
import { createSchema, deleteRows, dropSchema } from './judge.schema.js';
import type { AccessSource } from './sql.access.js';
import type { TargetFault } from './target.schema.js';
import type { TargetUndo } from './target.undo.js';

/** Breaks a target by the commands of its file, and heals it. Before anything is broken or made, the journal says how to undo it. */
export class TargetNemesis {
  constructor(
    private readonly journal: FaultJournal<TargetUndo>,
    private readonly leader: pg.ClientConfig,
    private readonly source: AccessSource,
  ) {}

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
    await this.journal.add({ kind: 'schema', token });
    await createSchema(this.leader, token);
  }

  /** Healing everything deletes these rows: of a schema that stays. */
  async rowsWillBe(prefix: string): Promise<void> {
    await this.journal.add({ kind: 'rows', prefix });
  }

  /**
   * Heals what is broken, newest first.
   *
   * @param what `faults`: only what commands have broken; the schema stays, for the run goes on
   * @returns whether anything was broken
   * @throws NotHealedError
   */
  heal(what: 'faults' | 'everything'): Promise<boolean> {
    return healJournal(this.journal, {
      undo: (undo) => this.undo(undo),
      nameOf: (undo) => (undo.kind === 'commands' ? `fault ${undo.fault}` : undo.kind),
      isMeant: ({ kind }) => what === 'everything' || kind === 'commands',
      command: 'postgres-ha-judge chaos run or chaos heal',
    });
  }

  private async undo(undo: TargetUndo): Promise<void> {
    switch (undo.kind) {
      case 'commands':
        for (const command of undo.commands)
          await runCommand(command, { ...undo, environment: this.source.environment });
        return;
      case 'schema':
        return dropSchema(this.leader, undo.token);
      case 'rows':
        return deleteRows(this.leader, undo.prefix);
    }
  }
}
