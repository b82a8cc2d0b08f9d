import { members } from '../../../../libs/cluster/src/lab.js';
import { LabController } from './lab.controller.js';

/** What scripts/test runs when a drill was interrupted, whichever: nothing is left that knows how to heal. Waits for nothing. */
const lab = new LabController();
await lab
  .mend(members)
  .finally(() => lab.configure({ synchronous_mode: 'quorum', member_slots_ttl: null, pause: null }));
