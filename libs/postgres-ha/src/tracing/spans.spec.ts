import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { annotate, beginSpan, inSpan, mark } from './spans.js';

const work = Promise.resolve('done');

describe('Without an SDK', () => {
  it('a span is nothing but its work', async () => {
    expect(inSpan('read', () => work)).toBe(work);
    expect(await inSpan('read', () => Promise.resolve(mark('retry', {})))).toBeUndefined();
  });
});

describe('With an SDK', () => {
  const exporter = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const seen = () => exporter.getFinishedSpans();

  beforeAll(() => provider.register());
  beforeEach(() => exporter.reset());
  afterAll(() => provider.shutdown());

  it('a span is the parent of those below it, and has what was learned within it', async () => {
    await inSpan('write', async () => {
      const doubt = beginSpan('commit resolution', { 'pgha.reason': 'ECONNRESET' });
      await inSpan('attempt', async () => annotate({ 'pgha.member': 'patroni1' }));
      mark('retry', { 'pgha.reason': '57P01' });
      annotate({ 'pgha.outcome': 'committed' });
      doubt.end();
    });
    const [attempt, doubt, write] = seen();

    expect([attempt?.name, doubt?.name, write?.name]).toEqual(['attempt', 'commit resolution', 'write']);
    const parents = [attempt, doubt].map((span) => span?.parentSpanContext?.spanId);
    expect(parents).toEqual(Array(2).fill(write?.spanContext().spanId));
    expect(attempt?.attributes).toEqual({ 'pgha.member': 'patroni1' });
    expect(write?.attributes).toEqual({ 'pgha.outcome': 'committed' });
    expect(write?.events).toMatchObject([{ name: 'retry', attributes: { 'pgha.reason': '57P01' } }]);
  });

  it('a failure is told by its code, and its message, which may quote a row, is not', async () => {
    const error = Object.assign(new Error('Key (email)=(a@b.c) already exists.'), { code: '23505' });

    await expect(inSpan('attempt', () => Promise.reject(error))).rejects.toBe(error);
    const [span] = seen();
    expect(span).toMatchObject({ attributes: { 'error.type': '23505' }, status: { code: 2 }, events: [] });
    expect(span?.status.message).toBeUndefined();
  });
});
