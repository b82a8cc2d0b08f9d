import { access, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const applications = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];

/** Starts the browser that this machine has. @throws Error that says which to install */
export async function openBrowser(): Promise<Browser> {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const paths = [...folders.flatMap((folder) => names.map((name) => join(folder, name))), ...applications];
  for (const executablePath of paths) {
    const isThere = await access(executablePath).then(
      () => true,
      () => false,
    );
    // In a container, and as root, Chromium can't make its sandbox; the only page that it opens is ours.
    if (isThere) return chromium.launch({ executablePath, args: ['--no-sandbox'] });
  }
  throw new Error('there is no Chromium (Debian: apt-get install chromium; macOS: Google Chrome)');
}

/** What axe finds wrong with the page as it is now. It runs by evaluation, for the page lets no foreign script in. */
export async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  });
}
