import { installStatements } from '../../src/index.js';
import { CommitCutter } from './commit.cutter.js';
import { PlainServers } from './plain.servers.js';

/** Two plain servers with a table `notes`, and in front of the primary a proxy that can swallow the answer to a COMMIT. */
export class NotesOnServers {
  /** Of the login `app_user`, in the database `postgres`. */
  readonly password = 'only-in-tests';

  private constructor(
    readonly servers: PlainServers,
    private readonly cutter: CommitCutter,
    /** Where both servers are reached on 127.0.0.1, the primary first. */
    readonly ports: readonly number[],
  ) {}

  static async start(name: string): Promise<NotesOnServers> {
    const servers = await PlainServers.start(name);
    const cutter = new CommitCutter(servers.primary.port);
    const notes = new NotesOnServers(servers, cutter, [await cutter.open(), servers.standby.port]);
    try {
      for (const statement of [
        `CREATE ROLE app_user LOGIN PASSWORD '${notes.password}'`,
        ...installStatements({ grantTo: ['app_user'] }),
        'CREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text text NOT NULL)',
        'GRANT SELECT, INSERT, UPDATE, DELETE ON notes TO app_user',
      ]) {
        await servers.query(servers.primary, statement);
      }
      return notes;
    } catch (error) {
      await notes.remove();
      throw error;
    }
  }

  /** The notes that are committed, in their order. */
  async written(): Promise<string[]> {
    const { servers } = this;
    const rows = await servers.query<{ text: string }>(servers.primary, 'SELECT text FROM notes ORDER BY id');
    return rows.map(({ text }) => text);
  }

  async forget(): Promise<void> {
    await this.servers.query(this.servers.primary, 'TRUNCATE notes');
  }

  /**
   * Swallows the answer to the next COMMIT while `work` runs.
   *
   * @throws Error when there was none, so that no test passes without it
   */
  async swallowing<T>(work: () => Promise<T>): Promise<T> {
    const before = this.cutter.swallowed;
    this.cutter.swallowNext();
    const result = await work();
    if (this.cutter.swallowed - before !== 1) throw new Error('no answer to a COMMIT was swallowed');
    return result;
  }

  async remove(): Promise<void> {
    await this.cutter.close();
    await this.servers.remove();
  }
}
