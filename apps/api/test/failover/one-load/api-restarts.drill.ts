import { claimSurvival, type DrillPart } from '../../../../../libs/chaos/test/support/drill.js';

const healthyBoundMs = 120_000;
const recoveryBoundMs = 30_000;
const name = 'api-restarts';

/** One instance of the API is restarted after the other. */
export const apiRestarts = (): DrillPart => ({
  async run(drill) {
    await drill.inject({
      name,
      async inject({ nemesis, lab }) {
        for (const instance of ['api1', 'api2']) {
          await nemesis.restart(instance);
          await lab.waitHealthy(healthyBoundMs);
        }
      },
    });
    await drill.recovered(recoveryBoundMs);
  },
  claims: (claim) => claimSurvival(claim, name, 'while the API instances are restarted in turn'),
});
