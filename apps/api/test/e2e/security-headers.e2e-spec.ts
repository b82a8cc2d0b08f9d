import { describe, expect, it } from '@jest/globals';
import { useApp } from '../support/app.js';

const app = useApp();

describe('Every answer', () => {
  it.each(['/products', '/health/live', '/nowhere', '/docs'])(
    'carries the headers that keep a browser safe: %s',
    async (path) => {
      const { headers } = await app().http.get(path);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'SAMEORIGIN',
        'content-security-policy': expect.stringContaining("default-src 'self'"),
      });
      expect(headers).not.toHaveProperty('x-powered-by');
      expect(headers).not.toHaveProperty('server');
    },
  );
});
