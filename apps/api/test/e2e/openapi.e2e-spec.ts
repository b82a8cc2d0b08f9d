import { describe, expect, it } from '@jest/globals';
import { useApp } from '../support/app.js';

const app = useApp();

interface Operation {
  readonly summary?: string;
  readonly responses?: Record<string, unknown>;
}

describe('The OpenAPI document', () => {
  it('lists every path and method', async () => {
    const { body } = await app().http.get('/docs-json').expect(200);
    const { openapi, paths } = body as { openapi: string; paths: Record<string, Record<string, Operation>> };
    expect(openapi).toMatch(/^3\./);
    expect(Object.fromEntries(Object.entries(paths).map(([path, item]) => [path, Object.keys(item)]))).toMatchObject({
      '/products': expect.arrayContaining(['get', 'post']),
      '/products/{id}': expect.arrayContaining(['get', 'put', 'delete']),
      '/products/read-your-writes-demo': ['post'],
      '/customers': expect.arrayContaining(['get', 'post']),
      '/customers/{id}': ['get'],
      '/orders': expect.arrayContaining(['get', 'post']),
      '/orders/{id}': ['get'],
      '/albums': expect.arrayContaining(['get', 'post']),
      '/albums/{id}': expect.arrayContaining(['get', 'put', 'delete']),
      '/health': ['get'],
      '/health/live': ['get'],
      '/health/ready': ['get'],
      '/health/simple': ['get'],
      '/health/version': ['get'],
      '/cluster': ['get'],
      '/cluster/replication': ['get'],
      '/cluster/history': ['get'],
      '/metrics': ['get'],
    });
  });

  it('says what each operation is for and what it answers', async () => {
    const { body } = await app().http.get('/docs-json').expect(200);
    const { paths } = body as { paths: Record<string, Record<string, Operation>> };
    for (const [path, item] of Object.entries(paths)) {
      for (const [method, { summary, responses }] of Object.entries(item)) {
        expect({ path, method, summary }).toEqual({ path, method, summary: expect.stringMatching(/\w/) });
        expect(Object.keys(responses ?? {})).not.toEqual([]);
      }
    }
  });

  it('describes the body of a create by the schema that validates it', async () => {
    const { body } = await app().http.get('/docs-json').expect(200);
    expect(JSON.stringify((body as { paths: Record<string, unknown> }).paths['/products'])).toContain(
      '"maxLength":200',
    );
  });

  it('can be read in a browser at /docs', async () => {
    const response = await app().http.get('/docs').expect(200);
    expect(response.headers['content-type']).toMatch(/^text\/html/);
    expect(response.headers['content-security-policy']).toEqual(expect.any(String));
  });
});
