import { createInterface } from 'node:readline/promises';

/** The terminal of a person. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** Asks a person. @returns the answer without spaces around it, or undefined after Ctrl-C or Ctrl-D */
export async function ask(question: string, { input, output }: Terminal): Promise<string | undefined> {
  const terminal = createInterface({ input, output, terminal: true });
  const left = new AbortController();
  // Node closes the terminal on either key. Before Node 24 the question would then wait for ever on Ctrl-D.
  terminal.once('close', () => left.abort());
  try {
    return (await terminal.question(question, { signal: left.signal })).trim();
  } catch (error) {
    if ((error as Error).name === 'AbortError') return undefined;
    throw error;
  } finally {
    terminal.close();
  }
}
