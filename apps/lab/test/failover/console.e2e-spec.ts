import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { LabSession } from '../../../../libs/chaos/src/runs/session.js';
import { openLab } from '../../../../libs/chaos/test/support/settings.js';
import { until } from '../../../../libs/cluster/src/wait.js';
import { openBrowser, violationsOf } from '../support/browser.js';
import { runCommand } from '../support/command.js';
import { startConsole, type ConsoleProcess } from '../support/console.process.js';

const buildBoundMs = 120_000;
const shownBoundMs = 20_000;
const failoverBoundMs = 60_000;
const verdictBoundMs = 240_000;
/** A page counts as closed after 5 s; Docker starts the leader's container within a few more. The lease lasts 20 s. */
const closedBoundMs = 14_000;
/** What the stopwatch of the page may differ from the figure of the run. */
const stopwatchErrorMs = 300;
/** Of 100 operations a second, 3 s after the last write. */
const leastWaiting = 10;
/** Where less motion is wanted, the stopwatch moves with the snapshots, of which ten come in a second; else with the screen. */
const mostCalmChanges = 15;

/** The console breaks the lab and heals it; this test only looks. */
const lab = openLab();
let console: ConsoleProcess;
let browser: Browser;
let page: Page;
const refused: string[] = [];

const byId = (id: string) => page.getByTestId(id);
/** How often a text changes within a second. */
const changesInASecond = (id: string): Promise<number> =>
  page.evaluate(`new Promise((resolve) => {
    let changes = 0;
    const watch = new MutationObserver(() => (changes += 1));
    watch.observe(document.querySelector('[data-testid=${id}]'), { childList: true });
    setTimeout(() => { watch.disconnect(); resolve(changes); }, 1_000);
  })`);
const numberIn = async (id: string, attribute: string) => Number(await byId(id).getAttribute(attribute));
/** Asks for a change, with the token of the URL. */
async function ask(url: string, path: string, body: object): Promise<{ status: number; body: unknown }> {
  const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${tokenOf(url)}` };
  const response = await fetch(new URL(path, url), { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}

const statusOf = async (service: string) =>
  (await lab.containers.list()).find((container) => container.service === service)?.status;

/** Lets the console kill the leader. @returns who it was */
async function killedLeader(): Promise<string> {
  const leader = await lab.leader();
  expect(await ask(console.url, '/api/break', { fault: 'leader-kill', prediction: null })).toMatchObject({
    status: 202,
  });
  await until({ what: 'the leader is dead', boundMs: failoverBoundMs }, async () =>
    (await statusOf(leader)) === 'exited' ? true : undefined,
  );
  return leader;
}

/** Resolves when the lab is healthy, and nobody uses it. */
async function isFree(): Promise<void> {
  await lab.waitHealthy(verdictBoundMs);
  await until({ what: 'nobody uses the lab any more', boundMs: failoverBoundMs }, async () =>
    (await LabSession.whyTaken(lab.settings)) === undefined ? true : undefined,
  );
}

const tokenOf = (url: string) => new URL(url).hash.replace('#token=', '');
const originOf = (url: string) => new URL(url).origin;

beforeAll(async () => {
  const built = await runCommand('npm', ['run', '--silent', 'build:console'], {}, buildBoundMs);
  expect([built.code, built.output]).toEqual([0, '']);
  console = await startConsole();
  browser = await openBrowser();
  page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.on('console', (message) => {
    if (message.type() === 'error') refused.push(message.text());
  });
  page.on('pageerror', (error) => refused.push(error.message));
  await page.goto(console.url);
}, buildBoundMs);

afterAll(async () => {
  await browser?.close();
  await console?.end();
}, verdictBoundMs);

describe('The console', () => {
  it(
    'shows who leads, and that the page is connected',
    async () => {
      const leader = await lab.leader();
      await byId(`member-${leader}`).waitFor({ timeout: shownBoundMs });
      await until({ what: 'the page shows the leader', boundMs: shownBoundMs }, async () =>
        (await byId(`member-${leader}`).getAttribute('data-role')) === 'leader' ? true : undefined,
      );
      expect(await byId('connection').innerText()).toMatch(/live/i);
    },
    shownBoundMs * 2,
  );

  it.each([
    ['wide', 'light', 1_280],
    ['wide', 'dark', 1_280],
    ['a phone', 'light', 390],
    ['a phone', 'dark', 390],
  ] as const)('has no accessibility violation: %s, %s', async (_case, colorScheme, width) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    expect(await violationsOf(page)).toEqual([]);
    const wider = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
    expect(wider).toBeLessThanOrEqual(0);
    await page.setViewportSize({ width: 1_280, height: 900 });
  });

  it.each(['lessons', 'log', 'runs', 'break'])('has no accessibility violation under its tab %s', async (tab) => {
    await byId(`tab-${tab}`).click();
    expect(await violationsOf(page)).toEqual([]);
  });

  it('refuses what another page may send', async () => {
    const origin = originOf(console.url);
    const send = async (headers: Record<string, string>) =>
      (await fetch(`${origin}/api/heal`, { method: 'POST', headers, body: '{}' })).status;
    const json = { 'Content-Type': 'application/json' };
    const token = { Authorization: `Bearer ${tokenOf(console.url)}` };
    expect(await send(json)).toBe(401);
    expect(await send({ ...json, Authorization: 'Bearer wrong' })).toBe(401);
    expect(await send(token)).toBe(415);
    expect(await send({ ...json, ...token, Origin: 'http://evil.example' })).toBe(403);
    const traversal = await fetch(`${origin}/runs/..%2f..%2fpackage.json`);
    expect(traversal.status).toBe(404);
  });

  it(
    'starts a load, asks for a prediction, kills the leader, and stops its stopwatch at the figure of the run',
    async () => {
      const leader = await lab.leader();
      await byId('load-rate').fill('100');
      await byId('start-load').click();
      await until({ what: 'the load is on', boundMs: shownBoundMs }, async () =>
        (await byId('stop-load').isEnabled()) ? true : undefined,
      );

      await byId('fault-leader-kill').click();
      await byId('predict-leader').selectOption(lab.members.find((member) => member !== leader) ?? '');
      await byId('predict-gap').fill('15');
      await byId('predict-loss').selectOption('no');
      expect(await violationsOf(page)).toEqual([]);
      await byId('break').click();

      await until({ what: 'the stopwatch runs', boundMs: failoverBoundMs, everyMs: 100 }, async () =>
        (await byId('stopwatch-sql-write').getAttribute('data-running')) === 'true' &&
        (await numberIn('stopwatch-sql-write', 'data-ms')) > 3_000
          ? true
          : undefined,
      );
      const waiting = /waiting\s+(\d+)/.exec(await page.getByRole('article', { name: 'Clients' }).innerText());
      expect(Number(waiting?.[1])).toBeGreaterThan(leastWaiting);
      await page.emulateMedia({ reducedMotion: 'reduce' });
      const changes = await changesInASecond('stopwatch-sql-write');
      expect(changes).toBeGreaterThanOrEqual(1);
      expect(changes).toBeLessThanOrEqual(mostCalmChanges);
      await page.emulateMedia({ reducedMotion: 'no-preference' });
      const second = await ask(console.url, '/api/break', { fault: 'switchover', prediction: null });
      expect(second).toMatchObject({ status: 409, body: { code: 'LAB_IN_USE' } });
      const outside = await runCommand('scripts/lab', ['chaos', 'run', 'switchover']);
      expect([outside.code, outside.output]).toEqual([2, expect.stringContaining('at work')]);

      await until({ what: 'another member leads', boundMs: failoverBoundMs }, async () =>
        (await lab.leader()) === leader ? undefined : true,
      );
      await byId('heal').click();
      await until({ what: 'the stopwatch stands', boundMs: failoverBoundMs }, async () =>
        (await byId('stopwatch-sql-write').getAttribute('data-running')) === 'false' ? true : undefined,
      );
      await byId('verdict').waitFor({ timeout: verdictBoundMs });
      const stopped = await numberIn('stopwatch-sql-write', 'data-ms');
      expect(await byId('verdict').innerText()).toMatch(/pass/i);
      expect(await violationsOf(page)).toEqual([]);

      const [newest] = (await (await fetch(`${originOf(console.url)}/api/runs`)).json()) as {
        scenario: string;
        prediction: unknown;
        figures: { writeGapMs: number; lost: number; leader: string };
      }[];
      expect(newest).toMatchObject({ scenario: 'leader-kill', prediction: { writeGapMs: 15_000, loss: false } });
      expect(newest?.figures.lost).toBe(0);
      expect(Math.abs(stopped - (newest?.figures.writeGapMs ?? 0))).toBeLessThanOrEqual(stopwatchErrorMs);
      await byId('measured-gap').waitFor();
      expect(await numberIn('measured-gap', 'data-ms')).toBe(newest?.figures.writeGapMs);
      const report = await fetch(new URL((await byId('report-link').getAttribute('href')) ?? '', console.url));
      expect(await report.text()).toContain('leader-kill');
      await byId('stop-load').click();
      await until({ what: 'the load is over', boundMs: shownBoundMs }, async () =>
        (await byId('start-load').isEnabled()) ? true : undefined,
      );
    },
    verdictBoundMs + 3 * failoverBoundMs,
  );

  it(
    'teaches a lesson to its end, whose checks hold by what was measured',
    async () => {
      await byId('tab-lessons').click();
      await byId('lesson-quiet-switchover').click();
      const step = (number: number) => byId(`lesson-step-${number}`);
      const isDone = (number: number, boundMs: number) =>
        until({ what: `step ${number} of the lesson is done`, boundMs }, async () =>
          (await step(number).getAttribute('data-state')) === 'done' ? true : undefined,
        );
      await byId('lesson-act').click();
      await isDone(1, shownBoundMs);
      await byId('lesson-next').click();
      await step(2).getByTestId('predict-leader').selectOption({ index: 1 });
      await step(2).getByTestId('predict-gap').fill('4');
      await step(2).getByTestId('predict-loss').selectOption('no');
      await step(2).getByTestId('break').click();
      await isDone(2, shownBoundMs);
      for (const number of [3, 4, 5]) {
        await byId('lesson-next').click();
        await isDone(number, verdictBoundMs);
      }
      await byId('lesson-next').click();
      expect(await byId('lesson-done').innerText()).toMatch(/4 of 4 checks held/);
    },
    verdictBoundMs,
  );

  it('has shown everything without an error of the page', () => {
    expect(refused).toEqual([]);
  });

  it(
    'heals when its last page is closed while something is broken, long before the fault itself is over',
    async () => {
      const leader = await killedLeader();
      await page.close();
      await until({ what: `${leader} runs again`, boundMs: closedBoundMs }, async () =>
        (await statusOf(leader)) === 'running' ? true : undefined,
      );
      await isFree();
    },
    verdictBoundMs + 2 * failoverBoundMs,
  );

  it(
    'heals when it is killed while something is broken',
    async () => {
      await killedLeader();
      console.kill('SIGKILL');
      await isFree();
    },
    verdictBoundMs + 2 * failoverBoundMs,
  );
});
