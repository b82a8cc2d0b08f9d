/** Bounds the wait for a cluster that was just healed, in ms. */
export const healedBoundMs = 240_000;

/** Operations that waited during an outage must be sent within this, in ms. */
export const catchUpBoundMs = 300_000;
