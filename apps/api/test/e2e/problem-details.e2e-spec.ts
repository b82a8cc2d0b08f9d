import { describe, expect, it } from '@jest/globals';
import { WriteFacade } from '../../../../libs/postgres-ha/src/nest/index.js';
import { useApp } from '../support/app.js';
import { sendRaw } from '../support/raw.http.js';

const app = useApp();
const absentId = 2_147_483_647;
const product = { name: 'never stored', price: 1 };

describe('An error', () => {
  it.each([
    // what is wrong, request, status, code, paths of the problems
    ['a body that is no JSON', () => post('{"name": '), 400, 'malformed_request', undefined],
    ['no body at all', () => app().http.post('/products'), 400, 'validation_failed', undefined],
    ['an array for a body', () => post('[]'), 400, 'validation_failed', undefined],
    ['an unknown member', () => post({ ...product, colour: 'red' }), 400, 'validation_failed', undefined],
    ['no name', () => post({ price: 1 }), 400, 'validation_failed', ['name']],
    ['an empty name', () => post({ name: '  ', price: 1 }), 400, 'validation_failed', ['name']],
    ['a name with NUL', () => post({ name: 'a\0b', price: 1 }), 400, 'validation_failed', ['name']],
    [
      'a name beyond 200 characters',
      () => post({ name: 'x'.repeat(201), price: 1 }),
      400,
      'validation_failed',
      ['name'],
    ],
    ['a negative price', () => post({ name: 'a', price: -0.01 }), 400, 'validation_failed', ['price']],
    ['a price with three decimals', () => post({ name: 'a', price: 0.001 }), 400, 'validation_failed', ['price']],
    ['a price as text', () => post({ name: 'a', price: '1' }), 400, 'validation_failed', ['price']],
    ['a price beyond the column', () => post({ name: 'a', price: 1e10 }), 400, 'validation_failed', ['price']],
    ['name and price both wrong', () => post({ name: '', price: -1 }), 400, 'validation_failed', ['name', 'price']],
    ['an id that is no number', () => app().http.get('/products/abc'), 400, 'validation_failed', ['id']],
    ['the id 0', () => app().http.get('/products/0'), 400, 'validation_failed', ['id']],
    ['a fractional id', () => app().http.get('/products/1.5'), 400, 'validation_failed', ['id']],
    ['an id beyond integer', () => app().http.get('/products/2147483648'), 400, 'validation_failed', ['id']],
    ['an id in hexadecimal', () => app().http.get('/products/0x10'), 400, 'validation_failed', ['id']],
    [
      'an id with a leading zero',
      () => app().http.put('/albums/01').send({ title: 'a' }),
      400,
      'validation_failed',
      ['id'],
    ],
    ['a limit with an exponent', () => app().http.get('/products?limit=1e1'), 400, 'validation_failed', ['limit']],
    ['SQL for an id', () => app().http.get('/products/1;DROP'), 400, 'validation_failed', ['id']],
    ['a limit of 0', () => app().http.get('/products?limit=0'), 400, 'validation_failed', ['limit']],
    ['an unknown query parameter', () => app().http.get('/products?page=2'), 400, 'validation_failed', undefined],
    ['an absent product, read', () => app().http.get(`/products/${absentId}`), 404, 'product_not_found', undefined],
    [
      'an absent product, changed',
      () => app().http.put(`/products/${absentId}`).send(product),
      404,
      'product_not_found',
      undefined,
    ],
    [
      'an absent product, deleted',
      () => app().http.delete(`/products/${absentId}`),
      404,
      'product_not_found',
      undefined,
    ],
    ['a path that cannot be decoded', () => app().http.get('/products/%zz'), 400, 'malformed_request', undefined],
    ['an id of 200 digits', () => app().http.get(`/products/${'1'.repeat(200)}`), 414, 'path_too_long', undefined],
    ['an unknown route', () => app().http.get('/nowhere'), 404, 'route_not_found', undefined],
    [
      'a body beyond the limit',
      () => post({ name: 'x'.repeat(70_000), price: 1 }),
      413,
      'payload_too_large',
      undefined,
    ],
    [
      'a body that is no application/json',
      () => post('<a/>', 'application/xml'),
      415,
      'unsupported_media_type',
      undefined,
    ],
    [
      'a body that is compressed',
      () => post(product).set('Content-Encoding', 'gzip'),
      415,
      'unsupported_content_encoding',
      undefined,
    ],
    [
      'a body in UTF-16',
      () => post(product, 'application/json; charset=utf-16'),
      415,
      'unsupported_media_type',
      undefined,
    ],
    [
      'a body that is a patch',
      () => post(product, 'application/merge-patch+json'),
      415,
      'unsupported_media_type',
      undefined,
    ],
    ['a body of an empty type', () => post('{}', ''), 415, 'unsupported_media_type', undefined],
    [
      'a body of a form',
      () => post('name=a', 'application/x-www-form-urlencoded'),
      415,
      'unsupported_media_type',
      undefined,
    ],
    ['a method of no use', () => app().http.patch('/products/1').send(product), 405, 'method_not_allowed', undefined],
  ] as const)('of %s is a problem document with a stable code', async (_, send, status, code, paths) => {
    const response = await send().set('X-Request-Id', 'the-test');
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(response.body).toMatchObject({
      type: `urn:pg-ha-lab:problem:${code.replaceAll('_', '-')}`,
      title: expect.any(String),
      status,
      code,
      instance: expect.stringMatching(/^\//),
      requestId: 'the-test',
    });
    expect(response.status).toBe(status);
    if (paths !== undefined) {
      const { errors } = response.body as { errors: { path: string; message: string }[] };
      expect(errors.map(({ path }) => path)).toEqual(paths);
      expect(errors.every(({ message }) => message.length > 0)).toBe(true);
    }
  });

  it('shows no stack, file or SQL', async () => {
    const responses = await Promise.all([
      post('{'),
      post({ name: '', price: -1 }),
      app().http.get('/products/abc'),
      app().http.get('/nowhere'),
    ]);
    for (const { text } of responses) expect(text).not.toMatch(/\bat .+:\d+|node_modules|\.ts\b|\.js\b|SELECT|INSERT/);
  });

  it('of a write that PostgreSQL has no disk space for comes at once, with a code of its own', async () => {
    const full = "DO $$ BEGIN RAISE 'as if there were no space' USING ERRCODE = 'disk_full'; END $$";
    const refused = app()
      .nest.get(WriteFacade)
      .run(async (manager) => {
        await manager.query(full);
        return { status: 201, headers: {}, body: {} };
      });
    await expect(refused).rejects.toMatchObject({ code: 'database_disk_full', status: 503 });
  });

  it('leaves nothing stored', async () => {
    const { body } = await app().http.get('/products?limit=100').expect(200);
    expect((body as { items: { name: string }[] }).items.map(({ name }) => name)).not.toContain(product.name);
  });
});

describe('A client that sends Content-Type: application/json with every request', () => {
  const json = { 'Content-Type': 'application/json' };

  it('gets the same answer as without it when the request has no body', async () => {
    const { body } = await post({ name: 'deleted at once', price: 1 }).expect(201);
    const path = `/products/${(body as { id: number }).id}`;
    await app().http.get(path).set(json).set('Read-Consistency', 'strong').expect(200);
    await app().http.delete(path).set(json).expect(204);
    expect((await app().http.delete(path).set(json).expect(404)).body).toMatchObject({ code: 'product_not_found' });
    expect((await app().http.post('/products').set(json).expect(400)).body).toMatchObject({
      code: 'validation_failed',
    });
  });

  it('may begin its JSON with a byte order mark', async () => {
    const { body } = await post(`\ufeff{"name":"deleted at once","price":1}`, 'application/json;charset=UTF-8').expect(
      201,
    );
    await app()
      .http.delete(`/products/${(body as { id: number }).id}`)
      .expect(204);
  });
});

describe('Every path of the OpenAPI document', () => {
  it('answers a method that it lacks with 405, OPTIONS with 204, both with Allow, and HEAD wherever it has GET', async () => {
    const { body } = await app().http.get('/docs-json').expect(200);
    const { paths } = body as { paths: Record<string, Record<string, unknown>> };
    for (const [template, operations] of Object.entries(paths)) {
      const path = template.replace('{id}', String(absentId));
      const methods = Object.keys(operations).map((method) => method.toUpperCase());
      const expected = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].toSorted();
      const allowed = (headers: Record<string, string>) => (headers['allow'] ?? '').split(', ').toSorted();
      const refused = await app().http.patch(`${path}?a=b`);
      expect([path, refused.status, allowed(refused.headers)]).toEqual([path, 405, expect.arrayContaining(expected)]);
      expect(refused.body).toMatchObject({ code: 'method_not_allowed' });
      const told = await app().http.options(path);
      expect([path, told.status, allowed(told.headers)]).toEqual([path, 204, expect.arrayContaining(expected)]);
    }
    await app().http.head('/health/live').expect(200);
  });

  it('is matched exactly: a path that is shorter, longer or in other letter case is not found', async () => {
    for (const path of ['/nowhere', '/products/', '/products/1/2', '/Products/1']) {
      for (const send of [app().http.patch(path), app().http.options(path), app().http.get(path)]) {
        expect((await send).body).toMatchObject({ code: 'route_not_found' });
      }
    }
  });
});

describe('Bytes that are no HTTP request', () => {
  it.each([
    ['a path with NUL', '/products\0', 'a', 400, 'malformed_request'],
    ['a header with NUL', '/products', 'a\0b', 400, 'malformed_request'],
    ['headers of 20 kB', '/products', 'x'.repeat(20_000), 431, 'headers_too_large'],
  ])('are answered with a problem: %s', async (_, target, header, status, code) => {
    const request = { method: 'GET', target, headers: [['X-Test', header]], body: undefined } as const;
    const response = await sendRaw(app().url, request);
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(JSON.parse(response.body)).toMatchObject({ status, code, requestId: expect.any(String) });
    expect(response.status).toBe(status);
  });
});

function post(body: string | object, type = 'application/json') {
  return app().http.post('/products').set('Content-Type', type).send(body);
}
