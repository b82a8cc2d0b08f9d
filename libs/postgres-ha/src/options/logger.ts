/** Where the library's log lines go. `console` is one, Nest's `Logger` too. A line is a text, or an object with an `event`. */
export interface Logger {
  log(line: string | object): void;
  warn(line: string | object): void;
  error(line: string | object): void;
}

/** Writes nothing. */
export const silentLogger: Logger = { log: () => undefined, warn: () => undefined, error: () => undefined };
