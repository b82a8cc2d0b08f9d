import { randomUUID } from 'node:crypto';

/** A product name that no other run uses and by which a test's rows are found and removed again. */
export const uniqueName = (what: string): string => `test-${what}-${randomUUID().slice(0, 8)}`;
