import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { publish, table } from '../../../libs/chaos/bench/published.table.js';
import { openBrowser } from '../test/support/browser.js';
import { startConsole } from '../test/support/console.process.js';

const minutes = Number(process.env['CONSOLE_MINUTES'] ?? 3);
const ratePerSecond = 100;
const warmUpMs = 20_000;
/** Of /proc: the kernel counts in hundredths of a second wherever Node runs (man 7 time, USER_HZ). */
const ticksPerSecond = 100;
const megabytes = (bytes: number) => (bytes / 1_000_000).toFixed(1);
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

/** Seconds of processor that a process has used: fields 14 and 15 of proc_pid_stat(5). */
async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** What the live page costs beside a load: its server, and the page itself in a browser without a screen. */
const console = await startConsole();
const browser = await openBrowser();
try {
  const page = await browser.newPage({ viewport: { width: 1_280, height: 900 } });
  const chrome = await page.context().newCDPSession(page);
  await chrome.send('Performance.enable');
  const heapBytes = async () => {
    await chrome.send('HeapProfiler.collectGarbage');
    const { metrics } = await chrome.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? Number.NaN;
  };
  await page.goto(console.url);
  await page.getByTestId('load-rate').fill(String(ratePerSecond));
  await page.getByTestId('start-load').click();
  await sleep(warmUpMs);
  const before = { cpu: await cpuSeconds(console.pid), heap: await heapBytes(), atMs: performance.now() };
  await sleep(minutes * 60_000);
  const seconds = (performance.now() - before.atMs) / 1_000;
  const cpu = (await cpuSeconds(console.pid)) - before.cpu;
  await publish('console', 'What the live page costs', [
    `One page beside a load of ${ratePerSecond} operations a second, for ${minutes} minutes. The load runs in a process of its own, which is not counted. Heap: after a garbage collection, when the charts were filling and at the end.`,
    table(
      ['server, of one core', 'page: heap at first', 'heap at the end'],
      [[percent(cpu / seconds), `${megabytes(before.heap)} MB`, `${megabytes(await heapBytes())} MB`]],
    ),
  ]);
} finally {
  await browser.close();
  await console.end();
}
