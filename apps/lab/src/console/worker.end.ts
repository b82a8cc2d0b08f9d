/**
 * Ends the load of a worker, and then its use of the lab, which heals: also where the load cannot be ended. A fault that stays would
 * harm more than a load, whose process ends.
 *
 * @param close heals
 * @throws what `close` throws, otherwise what `endLoad` throws
 */
export async function endAndHeal(endLoad: () => Promise<void>, close: () => Promise<void>): Promise<void> {
  try {
    await endLoad();
  } finally {
    await close();
  }
}
