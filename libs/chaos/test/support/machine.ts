import pg from 'pg';
import { lab } from './settings.js';

/** How long a connection with its login takes on a good day of the machine on which the tests' bounds of time were chosen. */
const usualConnectMs = 20;
const samples = 15;
/** A machine that is slower than this is too slow for the lab, and the tests should say so. */
const mostSlowness = 6;

/**
 * By how much this machine is slower now than on the day on which the tests' bounds of time were chosen: at least 1, at most
 * {@link mostSlowness}. Measured at connections to the leader, because a slow day makes processes and page faults dear, and a plain
 * loop is as fast as ever. Ask it when the lab has no load.
 */
export async function machineSlowness(): Promise<number> {
  const tookMs: number[] = [];
  for (let sample = 0; sample < samples; sample += 1) {
    const client = new pg.Client(lab.sql);
    const startedMs = performance.now();
    await client.connect();
    tookMs.push(performance.now() - startedMs);
    await client.end();
  }
  const medianMs = tookMs.toSorted((a, b) => a - b)[Math.floor(samples / 2)] ?? usualConnectMs;
  return Math.min(mostSlowness, Math.max(1, medianMs / usualConnectMs));
}
