import { describe, expect, it } from '@jest/globals';
import { tlsOptions } from './tls.options.js';

describe('tlsOptions', () => {
  it('leaves connections in plain text when no authority is given', () => {
    expect(tlsOptions(undefined, 'haproxy')).toBe(false);
  });

  it.each(['haproxy', '10.0.0.7'])('has the certificate compared with the host %s', (host) => {
    expect(tlsOptions({ ca: 'authority' }, host)).toEqual({ ca: 'authority', host, rejectUnauthorized: true });
  });

  it('shows the certificate of the client where there is one', () => {
    const client = { certificate: 'mine', key: 'secret' };
    expect(tlsOptions({ ca: 'authority', client }, 'haproxy')).toMatchObject({ cert: 'mine', key: 'secret' });
  });
});
