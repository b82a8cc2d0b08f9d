import { describe, expect, it } from '@jest/globals';
import { runFileSchema } from './run.result.js';

const skipped = {
  schema: 1,
  scenario: 'packet-loss',
  run: 1,
  startedAt: '2026-11-20T13:00:00.000Z',
  skipped: 'kernel without numgen',
};

describe('runFileSchema', () => {
  it('accepts a skipped run with its reason', () => {
    expect(runFileSchema.parse(skipped)).toEqual(skipped);
  });

  it.each([
    ['without a reason', { ...skipped, skipped: '' }],
    ['of another format', { ...skipped, schema: 2 }],
    ['without a verdict', { ...skipped, skipped: undefined, acked: 1 }],
  ])('refuses a file %s', (_, file) => {
    expect(runFileSchema.safeParse(file).success).toBe(false);
  });
});
