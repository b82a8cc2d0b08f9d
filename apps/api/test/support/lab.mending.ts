import { LabController } from './lab.controller.js';
import { openLab } from './settings.js';

/** What scripts/test runs when a drill was interrupted, whichever: nothing is left that knows how to heal. Waits for nothing. */
const lab = new LabController();
await lab
  .mend(openLab().members)
  .finally(() => lab.configure({ synchronous_mode: 'quorum', member_slots_ttl: null, pause: null }));
