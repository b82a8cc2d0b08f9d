import { claimSurvival, type DrillPart } from '../../../../../libs/chaos/test/support/drill.js';

const recoveryBoundMs = 30_000;
const name = 'haproxy-reload';

/** HAProxy reads its configuration again. */
export const haproxyReload = (): DrillPart => ({
  async run(drill) {
    await drill.inject({ name, inject: ({ nemesis }) => nemesis.reloadHaproxy() });
    await drill.recovered(recoveryBoundMs);
  },
  claims: (claim) => claimSurvival(claim, name, 'while HAProxy is reloaded'),
});
