import { containerOf, dockerOutput } from '../../../../libs/chaos/test/support/docker.js';
import { lab } from '../../../../libs/chaos/test/support/settings.js';

const askTimeoutMs = 5_000;
const instances = ['api1', 'api2'];

/** The sum over all instances of one series of the metrics. `series` is its name with its labels, as /metrics prints it. */
export async function metricOfInstances(series: string): Promise<number> {
  const values = lab.instanceUrls.map(async (url) => {
    const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(askTimeoutMs) });
    const line = (await response.text()).split('\n').find((candidate) => candidate.startsWith(`${series} `));
    return line === undefined ? 0 : Number(line.split(' ').at(-1));
  });
  return (await Promise.all(values)).reduce((sum, value) => sum + value, 0);
}

/** The lines with `event` in the logs of all instances since a time. */
export async function loggedByInstances(event: string, since: Date): Promise<Record<string, unknown>[]> {
  const logs = instances.map((instance) =>
    dockerOutput(['logs', '--since', since.toISOString(), containerOf(instance)]),
  );
  const lines = (await Promise.all(logs)).flatMap((log) => log.split('\n').filter((line) => line.startsWith('{')));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter((line) => line['event'] === event);
}
