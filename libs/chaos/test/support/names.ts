import { randomUUID } from 'node:crypto';

/** A product name that no other run uses. A test finds and removes its rows by it. */
export const uniqueName = (what: string): string => `test-${what}-${randomUUID().slice(0, 8)}`;
