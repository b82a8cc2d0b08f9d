import { expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';

// All members are asked by name, at once, whichever of them are dead; haproxy is found by name, too.
it('The service has enough threads to look up the names of dead members and still find the living ones', async () => {
  const compose = await readFile(new URL('../../../../docker-compose.yml', import.meta.url), 'utf8');
  const [, service = ''] = /^x-api: &api\n((?: .*\n|\n)*)/m.exec(compose) ?? [];
  expect(Number(/^ {4}UV_THREADPOOL_SIZE: (\d+)$/m.exec(service)?.[1])).toBeGreaterThanOrEqual(32);
});
