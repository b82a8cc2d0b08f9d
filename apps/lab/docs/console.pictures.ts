import { fileURLToPath } from 'node:url';
import { openBrowser } from '../test/support/browser.js';
import { startConsole } from '../test/support/console.process.js';

/** Charts show a minute; this much of it is enough for a picture. */
const loadMs = 20_000;
/** A leader that was killed is not replaced before its lease has run out. */
const outageMs = 9_000;
const runBoundMs = 240_000;

const folder = fileURLToPath(new URL('../../../docs/images/', import.meta.url));

/** Makes the pictures of the console in docs/images from the running lab. It kills the leader for one of them, and heals. */
const console = await startConsole();
const browser = await openBrowser();
try {
  const page = await browser.newPage({ viewport: { width: 1_280, height: 1_000 }, colorScheme: 'light' });
  const picture = async (name: string, width = 1_280, colorScheme: 'light' | 'dark' = 'light') => {
    await page.setViewportSize({ width, height: 1_000 });
    await page.emulateMedia({ colorScheme });
    await page.waitForTimeout(1_000);
    await page.screenshot({ path: `${folder}console-${name}.png`, fullPage: width < 1_280 });
    process.stderr.write(`docs/images/console-${name}.png\n`);
  };
  await page.goto(console.url);
  await page.getByTestId('load-rate').fill('100');
  await page.getByTestId('start-load').click();
  await page.waitForTimeout(loadMs);
  await page.getByTestId('fault-leader-kill').click();
  await page.getByTestId('predict-leader').selectOption({ index: 2 });
  await page.getByTestId('predict-gap').fill('15');
  await page.getByTestId('predict-loss').selectOption('no');
  await page.getByTestId('break').click();
  await page.locator('[data-testid=stopwatch-sql-write][data-running=true]').waitFor();
  await page.waitForTimeout(outageMs);
  await picture('outage');
  await picture('outage-dark', 1_280, 'dark');
  await page.getByTestId('verdict').waitFor({ timeout: runBoundMs });
  await picture('verdict');
  await picture('phone', 390);
} finally {
  await browser.close();
  await console.end();
}
