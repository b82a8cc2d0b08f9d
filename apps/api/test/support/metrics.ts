import { lab } from './settings.js';

/** A counter of the running service: the sum over its instances, 0 where it was never counted. */
export async function counterOf(name: string, labels: Readonly<Record<string, string>>): Promise<number> {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const line = new RegExp(`^${name}\\{${wanted.join(',')}\\} (\\S+)$`, 'm');
  const values = lab.instanceUrls.map(async (url) => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return Number(line.exec(text)?.[1] ?? 0);
  });
  return (await Promise.all(values)).reduce((sum, value) => sum + value, 0);
}
