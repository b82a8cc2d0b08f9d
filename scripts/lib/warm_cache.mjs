// Reads the most recent albums through the API, which keeps them in the cache. Started by scripts/warm_cache.sh.
import { parseArgs } from 'node:util';

const pageLimit = 100;
const concurrency = 8;
const requestTimeoutMs = 10_000;
const maxId = 2_147_483_647;

/** Stops with one line: what is wrong, and where to read more. */
function stop(message, status) {
  console.error(`warm_cache: ${message}`);
  process.exit(status);
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: { count: { type: 'string', default: '100' }, url: { type: 'string' }, json: { type: 'boolean' } },
    });
    if (!/^[1-9]\d{0,5}$/.test(values.count)) throw new Error(`--count takes 1 to 999999, not '${values.count}'`);
    return { count: Number(values.count), url: values.url ?? process.env.API_URL, json: values.json === true };
  } catch (error) {
    return stop(`${error.message}. See: scripts/warm_cache.sh --help`, 2);
  }
}

const { count, url, json } = readArguments();
const ask = (path) =>
  fetch(`${url}${path}`, {
    headers: { 'Read-Consistency': 'eventual' },
    signal: AbortSignal.timeout(requestTimeoutMs),
  });

async function page(after) {
  const response = await ask(`/albums?limit=${pageLimit}${after === 0 ? '' : `&after=${after}`}`);
  if (!response.ok) throw new Error(`GET /albums answered ${response.status}`);
  return response.json();
}

/** The list is walked upwards only: the page that ends at `last` is found by halving, in some 31 requests. */
async function pageUpTo(last) {
  let [low, high] = [0, Math.min(last, maxId)];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const { nextAfter } = await page(middle);
    if (nextAfter === null || nextAfter >= last) high = middle;
    else low = middle + 1;
  }
  const ids = (await page(low)).items.map(({ id }) => id).filter((id) => id <= last);
  return { ids, before: low };
}

async function recentIds() {
  const ids = [];
  for (let last = maxId; ids.length < count && last > 0;) {
    const { ids: found, before } = await pageUpTo(last);
    ids.push(...found.toReversed());
    last = before;
  }
  return ids.slice(0, count);
}

/** What the cache says that it did, in one word. */
function outcomeOf({ ok, headers }) {
  const status = headers.get('cache-status') ?? '';
  if (!ok) return 'failed';
  if (status.includes('; hit') || status.includes('; collapsed')) return 'kept before';
  return status.includes('; stored') ? 'stored' : 'not stored';
}

async function warm(ids) {
  const result = { albums: ids.length, stored: 0, 'kept before': 0, 'not stored': 0, failed: 0 };
  const waiting = [...ids];
  let done = 0;
  const worker = async () => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      const outcome = await ask(`/albums/${id}`).then(
        async (response) => {
          await response.arrayBuffer();
          return outcomeOf(response);
        },
        () => 'failed',
      );
      result[outcome] += 1;
      done += 1;
      if (process.stderr.isTTY && !json) process.stderr.write(`\r… ${done} of ${ids.length} `);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  if (process.stderr.isTTY && !json) process.stderr.write('\r\x1b[K');
  return result;
}

try {
  if (!json) console.error(`… looking for the last ${count} albums`);
  const result = await warm(await recentIds());
  if (json) console.log(JSON.stringify(result));
  else
    console.log(
      Object.entries(result)
        .map(([what, number]) => `${number} ${what}`)
        .join(', '),
    );
  if (result.failed > 0) process.exitCode = 1;
} catch (error) {
  stop(`the API at ${url} does not answer as it should: ${error.cause?.code ?? error.message}`, 1);
}
