import type { ConnectionOptions } from 'node:tls';
import type { DatabaseTls } from '../options/postgres-ha.options.js';

/** What pg passes on to `tls.connect`; false for plain text, so that PGSSLMODE in the environment changes nothing. */
export function tlsOptions(tls: DatabaseTls | undefined, host: string): ConnectionOptions | false {
  if (tls === undefined) return false;
  return {
    ca: tls.ca,
    // pg names no host that is an IP address, and Node would then look for `localhost` in the certificate.
    host,
    rejectUnauthorized: true,
    ...(tls.client && { cert: tls.client.certificate, key: tls.client.key }),
  };
}
