/** A program with its arguments, or one line for `sh`. */
export type Command = string | string[];

/** Names of members, as they were when a fault began: its commands mean these also when they heal. */
export interface MemberWords {
  readonly leader: string;
  /** A replica, the same one in every command of the fault. */
  readonly replica: string;
  /** All replicas, with a space between. */
  readonly replicas: string;
}

const words = ['leader', 'replica', 'replicas'] as const;
const inArguments = /\{(leader|replica|replicas)\}/g;
const inShell = /\$\{?(LEADER|REPLICA|REPLICAS)\b/g;

/** The names of members that a command asks for: `{leader}` in arguments, `$LEADER` in a line for the shell. */
export const namesIn = (command: Command): string[] =>
  typeof command === 'string'
    ? [...command.matchAll(inShell)].map(([, word = '']) => `$${word}`)
    : command.flatMap((argument) => argument.match(inArguments) ?? []);

/** A command with the names of members in place, ready to be started. */
export interface ReadyCommand {
  readonly program: string;
  readonly arguments: readonly string[];
  /** Added to the environment. A line for the shell has names in it, where their quoting is the shell's own. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Puts names of members into a command. Braces with anything else in them stay as they are: other programs use them, too. */
export function readyCommand(command: Command, members: MemberWords): ReadyCommand {
  const environment = Object.fromEntries(words.map((word) => [word.toUpperCase(), members[word]]));
  if (typeof command === 'string') return { program: 'sh', arguments: ['-euc', command], environment };
  const [program = '', ...rest] = command.map((argument) =>
    argument.replace(inArguments, (_, word: (typeof words)[number]) => members[word]),
  );
  return { program, arguments: rest, environment };
}

const plain = /^[\w@%+=:,./{}-]+$/;

/** A command as a person would type it. */
export const shownCommand = (command: Command): string =>
  typeof command === 'string'
    ? command.trim()
    : command.map((word) => (plain.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
