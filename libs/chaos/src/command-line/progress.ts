import ora, { type Ora } from 'ora';

/** Shows on stderr what the tool is doing: one line that changes on a terminal, and plain lines elsewhere. */
export class Progress {
  private readonly spinner: Ora | undefined;
  private title = '';

  constructor(private readonly stream: NodeJS.WriteStream) {
    this.spinner = stream.isTTY ? ora({ stream, discardStdin: false }) : undefined;
  }

  start(title: string): void {
    this.title = title;
    if (this.spinner === undefined) this.line(`… ${title}`);
    else this.spinner.start(title);
  }

  readonly say = (what: string): void => {
    if (this.title === '') this.line(what);
    else if (this.spinner === undefined) this.line(`  ${this.title}: ${what}`);
    else if (this.spinner.isSpinning) this.spinner.text = `${this.title}: ${what}`;
    else this.line(what);
  };

  end(line: string): void {
    this.spinner?.stop();
    this.line(line);
  }

  private line(text: string): void {
    this.stream.write(`${text}\n`);
  }
}
