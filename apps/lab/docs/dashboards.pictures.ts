import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { openBrowser } from '../test/support/browser.js';

/** Panels ask Prometheus one after the other. */
const drawnAfterMs = 10_000;

const folderOf = (path: string) => fileURLToPath(new URL(`../../../${path}/`, import.meta.url));
const { GRAFANA_PASSWORD: password, GRAFANA_PORT: port } = process.env;
const grafana = `http://127.0.0.1:${port}`;

/** Makes the pictures of Grafana's dashboards in docs/images, of the last quarter of an hour, from the running lab. */
const browser = await openBrowser();
try {
  const context = await browser.newContext({ viewport: { width: 1_280, height: 1_000 } });
  const login = await context.request
    .post(`${grafana}/login`, { data: { user: 'admin', password } })
    .catch(() => undefined);
  if (login === undefined) throw new Error(`nothing answers at ${grafana}`);
  if (!login.ok()) throw new Error(`Grafana refuses the login: HTTP ${login.status()}`);
  const dashboards = folderOf('infra/observability/grafana/dashboards');
  for (const file of (await readdir(dashboards)).filter((name) => name.endsWith('.json'))) {
    const { uid } = JSON.parse(await readFile(`${dashboards}${file}`, 'utf8')) as { uid: string };
    const page = await context.newPage();
    await page.goto(`${grafana}/d/${uid}?kiosk&from=now-15m&to=now`);
    await page.waitForTimeout(drawnAfterMs);
    const picture = `dashboard-${file.replace('.json', '')}.png`;
    await page.screenshot({ path: `${folderOf('docs/images')}${picture}`, fullPage: true });
    process.stderr.write(`docs/images/${picture}\n`);
    await page.close();
  }
} catch (error) {
  process.stderr.write(
    `✗ ${(error as Error).message}. scripts/lab observe on starts Grafana, in the upstream image set.\n`,
  );
  process.exitCode = 1;
} finally {
  await browser.close();
}
