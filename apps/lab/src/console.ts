import { Command } from 'commander';
import { Lab } from '../../../libs/cluster/src/lab.js';
import { readSettings } from '../../../libs/cluster/src/lab.settings.js';
import { isUsage, out, whole } from '../../../libs/chaos/src/command-line/arguments.js';
import { Console } from './console/console.js';

const program = new Command('scripts/lab console')
  .description(
    'The live page: the cluster, what a client sees, faults with a verdict, and lessons. On this machine only.',
  )
  .option('--port <n>', 'where it listens; 0 for any free port', whole(0, 65_535), 3_020)
  .option('--json', 'print the URL as JSON')
  .exitOverride()
  .addHelpText('after', '\nCtrl-C ends it, and heals what is broken.')
  .action(async ({ port, json }: { port: number; json?: boolean }) => {
    const console = new Console(new Lab(readSettings(process.env)));
    const url = await console.open(port);
    if (json === true) out(JSON.stringify({ url }));
    else out(`The console: ${url}\nThe URL lets whoever has it break the lab. Ctrl-C ends the console, and heals.`);
    await new Promise<void>((resolve) => {
      // A second one, which npm sends too, must not end it before it has healed.
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
    });
    await console.close();
  });

try {
  await program.parseAsync();
  process.exit();
} catch (error) {
  if (isUsage(error)) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    const why = error instanceof Error ? error.message : String(error);
    const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    process.stderr.write(isTaken ? 'console: the port is taken; choose another: --port\n' : `console: ${why}\n`);
    process.exitCode = 2;
  }
}
