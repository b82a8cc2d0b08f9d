import { describe, expect, it } from '@jest/globals';
import { useApp } from '../support/app.js';

const app = useApp();
const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

describe('The request id', () => {
  it("is the client's own when the client sends one", async () => {
    const response = await app().http.get('/health/live').set('X-Request-Id', 'client:42');
    expect(response.headers['x-request-id']).toBe('client:42');
  });

  it('is a new one for each request when the client sends none', async () => {
    const [first, second] = await Promise.all([app().http.get('/health/live'), app().http.get('/health/live')]);
    expect(first?.headers['x-request-id']).toMatch(uuid);
    expect(second?.headers['x-request-id']).toMatch(uuid);
    expect(first?.headers['x-request-id']).not.toBe(second?.headers['x-request-id']);
  });

  it.each([
    ['could forge a log line', '{"level":"error"} x'],
    ['is too long', 'x'.repeat(129)],
  ])('is made up where the offered one %s', async (_, offered) => {
    const response = await app().http.get('/health/live').set('X-Request-Id', offered);
    expect(response.headers['x-request-id']).toMatch(uuid);
  });

  it('is on errors too', async () => {
    const response = await app().http.get('/nowhere').expect(404);
    expect((response.body as { requestId: string }).requestId).toBe(response.headers['x-request-id']);
  });
});
