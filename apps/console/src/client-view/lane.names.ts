import type { Lane } from '../../../../libs/live/src/protocol.js';

/** A lane in words. */
export const laneNames: Readonly<Record<Lane, string>> = {
  httpWrites: 'HTTP writes',
  sessionReads: 'session reads',
  eventualReads: 'eventual reads',
  sql: 'plain SQL',
};
