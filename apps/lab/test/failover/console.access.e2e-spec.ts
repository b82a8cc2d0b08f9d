import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { z } from 'zod';
import { openLab } from '../../../../libs/chaos/test/support/settings.js';
import { until } from '../../../../libs/cluster/src/wait.js';
import { openBrowser, violationsOf } from '../support/browser.js';
import { runCommand } from '../support/command.js';
import { startConsole, type ConsoleProcess } from '../support/console.process.js';

const buildBoundMs = 120_000;
const shownBoundMs = 20_000;
const verdictBoundMs = 240_000;
/** More than the page has places for the Tab key, with every fault in its list. */
const mostStops = 100;
/** The page shows what is left of the leader's lease in whole seconds. */
const leaseMovesMs = 5_000;

const lab = openLab();
let console: ConsoleProcess;
let browser: Browser;
let page: Page;

const byId = (id: string) => page.getByTestId(id);
const press = (...keys: string[]) =>
  keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
/** Presses a key until the focus is where it should be. */
async function goTo(id: string, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  for (let stop = 0; stop < mostStops; stop += 1) {
    if ((await page.evaluate('document.activeElement?.dataset.testid')) === id) return;
    await press(key);
  }
  throw new Error(`${key} does not lead to ${id}`);
}
/** Chooses in a list that has the focus, by the arrow keys. */
async function choose(id: string, value: string): Promise<void> {
  for (let option = 0; option < lab.members.length + 2; option += 1) {
    if ((await byId(id).inputValue()) === value) return;
    await press('ArrowDown');
  }
  throw new Error(`${id} has no option ${value}`);
}

/** What shows a state by its colour, and the words beside it. */
const statesShown = (): Promise<[state: string, words: string][]> =>
  page.evaluate(`[...document.querySelectorAll('.role[data-role], .connection[data-state], .verdict[data-verdict]')].map((element) => {
    const { role, state, verdict } = element.dataset;
    return [role ?? state ?? verdict, element.innerText.replace(/\\d+/g, '')];
  })`);
/** Every element that moves by its style. */
const moving = (): Promise<string[]> =>
  page.evaluate(`[document.documentElement, ...document.querySelectorAll('*')].filter((element) => {
    const { animationName, transitionDuration, scrollBehavior } = getComputedStyle(element);
    return animationName !== 'none' || /[1-9]/.test(transitionDuration) || scrollBehavior === 'smooth';
  }).map(({ outerHTML }) => outerHTML.slice(0, 100)).concat(document.getAnimations().map(String))`);

const connectionIs = (state: 'live' | 'lost') =>
  page.locator(`[data-testid=connection][data-state=${state}]`).waitFor({ timeout: shownBoundMs });
/** Resolves when the page shows something new. */
async function movesOn(): Promise<void> {
  const before = await byId('lease').innerText();
  await until({ what: 'the lease of the leader moves', boundMs: leaseMovesMs }, async () =>
    (await byId('lease').innerText()) === before ? undefined : true,
  );
}
const ask = async <Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>> =>
  schema.parse(await (await fetch(new URL(path, console.url))).json());

beforeAll(async () => {
  const built = await runCommand('npm', ['run', '--silent', 'build:console'], {}, buildBoundMs);
  expect([built.code, built.output]).toEqual([0, '']);
  console = await startConsole();
  browser = await openBrowser();
  page = await browser.newPage({
    viewport: { width: 1_280, height: 900 },
    reducedMotion: 'reduce',
    forcedColors: 'active',
  });
  await page.goto(console.url);
  await connectionIs('live');
}, buildBoundMs);

afterAll(async () => {
  await browser?.close();
  await console?.end();
}, verdictBoundMs);

describe('The console without a mouse, without colours and without motion', () => {
  /** By its words, each state that was seen. */
  const seen = new Map<string, Set<string>>();
  const lookAtStates = async () => {
    for (const [state, words] of await statesShown()) seen.set(words, (seen.get(words) ?? new Set()).add(state));
  };

  it(
    'lets its user predict, break a standby, heal it and read the verdict, by the keyboard alone',
    async () => {
      const leader = await lab.leader();
      await page.locator('[data-testid=fault-standby-kill]:enabled').waitFor({ timeout: shownBoundMs });
      await lookAtStates();
      await goTo('fault-standby-kill');
      await press('Enter');
      await goTo('predict-leader');
      await choose('predict-leader', leader);
      await goTo('predict-gap');
      await page.keyboard.type('2');
      await goTo('predict-loss');
      await choose('predict-loss', 'no');
      await goTo('break');
      await press('Enter');

      await byId('heal').waitFor({ timeout: shownBoundMs });
      await goTo('heal', 'Shift+Tab');
      await page.locator('[data-testid=phase][data-phase=broken]').waitFor({ timeout: verdictBoundMs });
      // A member that is healed at once may be back before anybody has seen that it was away.
      await page.locator('.role[data-role=unknown]').waitFor({ timeout: shownBoundMs });
      await lookAtStates();
      expect(await moving()).toEqual([]);
      await press('Enter');

      await byId('verdict').waitFor({ timeout: verdictBoundMs });
      await lookAtStates();
      expect(await byId('verdict').innerText()).toMatch(/pass/i);
      expect(await page.getByRole('table', { name: 'Prediction and measurement' }).innerText()).toContain('✓ right');
      await goTo('report-link');
      await goTo('again');
      await press('Enter');
      await goTo('tab-break');
      await press('ArrowRight', 'ArrowRight', 'ArrowRight');
      expect(await byId('tab-runs').getAttribute('aria-selected')).toBe('true');
      expect(await byId('runs').innerText()).toMatch(/^standby-kill.*✓ pass/m);
    },
    2 * verdictBoundMs,
  );

  it('has words for every state, which no other state has', async () => {
    expect(await page.evaluate('matchMedia("(forced-colors: active)").matches')).toBe(true);
    const states = [...seen.values()].flatMap((names) => [...names]);
    expect(states).toEqual(expect.arrayContaining(['leader', 'unknown', 'live', 'pass']));
    for (const [words, names] of seen)
      expect([words, [...names]]).toEqual([expect.stringMatching(/[a-z]{3}/i), [expect.any(String)]]);
    const dashes = `[...document.querySelectorAll('.lane-key line')].map((line) => line.getAttribute('stroke-dasharray'))`;
    expect(new Set(await page.evaluate<string[]>(dashes)).size).toBe(4);
  });

  it.each(['break', 'lessons', 'log', 'runs'])('moves nothing under its tab %s', async (tab) => {
    await byId(`tab-${tab}`).click();
    expect(await moving()).toEqual([]);
  });
});

describe('What the console tells over HTTP', () => {
  it('is the history of timelines, as Patroni has it', async () => {
    const told = z.array(z.object({ timeline: z.number(), reason: z.string(), leader: z.string().nullable() }));
    const patronis = z.array(z.tuple([z.number(), z.number(), z.string()]).rest(z.string().nullable()));
    const expected = await lab.askAny('/history', patronis);

    expect((await ask('/api/timelines', told)).toSorted((a, b) => a.timeline - b.timeline)).toEqual(
      expected.map(([timeline, , reason, , leader = null]) => ({ timeline, reason, leader })),
    );
  });

  it('are the runs, newest first, each with its prediction, its verdict and a report in a sandbox', async () => {
    const run = z.object({ id: z.string(), scenario: z.string(), startedAt: z.string(), prediction: z.unknown() });
    const runs = await ask('/api/runs', z.array(run.extend({ figures: z.object({ pass: z.boolean() }).optional() })));
    const times = runs.map(({ startedAt }) => Date.parse(startedAt));

    expect(runs[0]).toMatchObject({
      scenario: 'standby-kill',
      prediction: { writeGapMs: 2_000 },
      figures: { pass: true },
    });
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    const report = await fetch(new URL(`/runs/${runs[0]?.id}/report.html`, console.url));
    expect(report.headers.get('content-security-policy')).toMatch(/^sandbox allow-scripts;/);
    expect(await report.text()).toContain('standby-kill');
  });
});

describe('A page whose connection is lost', () => {
  it(
    'says so, and goes on by itself when a server that hung answers again',
    async () => {
      console.kill('SIGSTOP');
      await connectionIs('lost').finally(() => console.kill('SIGCONT'));
      await connectionIs('live');
      await movesOn();
    },
    3 * shownBoundMs,
  );

  it(
    'says so, and goes on by itself when the server was killed and started again; to change something it needs the new URL',
    async () => {
      const { port } = new URL(console.url);
      console.kill('SIGKILL');
      await connectionIs('lost');
      expect(await byId('connection').innerText()).toMatch(
        /connection lost for \d+ s, trying again.*figures are of \d/,
      );
      expect(await violationsOf(page)).toEqual([]);
      console = await startConsole(Number(port));
      await connectionIs('live');
      await movesOn();

      await byId('start-load').click();
      await page.getByRole('alert').getByText('scripts/lab console').waitFor({ timeout: shownBoundMs });
      await page.goto(console.url);
      const token = new URL(console.url).hash.replace('#token=', '');
      await until({ what: 'the page has the new token', boundMs: shownBoundMs }, async () =>
        (await page.evaluate('sessionStorage.getItem("console-token")')) === token ? true : undefined,
      );
      expect(page.url()).not.toContain(token);
    },
    5 * shownBoundMs,
  );
});
