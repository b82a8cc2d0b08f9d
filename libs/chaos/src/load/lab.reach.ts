import { writtenTimelineSql } from '../../../cluster/src/core/timeline.mjs';
import { originOf, type LabSettings } from '../../../cluster/src/lab.settings.js';
import type { Reach } from './load.js';
import type { SqlTarget } from './sql.connection.js';

/**
 * How clients reach the lab: through HAProxy, with the login of the service.
 *
 * @param apiPort where HTTP clients connect @default the published port of the API
 */
export function reachOf(settings: LabSettings, apiPort = settings.API_PORT): Reach {
  const target = (port: number): SqlTarget => ({
    client: {
      host: '127.0.0.1',
      port,
      user: 'app_user',
      password: settings.DB_PASSWORD,
      database: 'app_db',
      application_name: 'chaos',
      // The authority is one of NODE_EXTRA_CA_CERTS. pg names no host that is an address, and Node would then look for `localhost`.
      ssl: settings.LAB_SCHEME === 'https' && { host: '127.0.0.1' },
    },
    memberSql: 'SELECT member FROM lab.node_identity()',
  });
  return {
    http: {
      url: originOf(settings, apiPort),
      setupUrl: originOf(settings, settings.API_PORT),
      // As `lab.node_identity()` does.
      namesMembers: true,
    },
    sql: {
      leader: target(settings.DB_WRITE_PORT),
      replicas: target(settings.DB_READ_PORT),
      dialect: {
        uniqueTable: 'lab.chaos_unique',
        sharedTable: 'lab.chaos_counters',
        timelineSql: writtenTimelineSql,
      },
    },
  };
}
