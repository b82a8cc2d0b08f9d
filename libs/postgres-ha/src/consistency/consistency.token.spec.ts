import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { claimsAfterWriting, readClaims, TokenCodec } from './consistency.token.js';
import type { TokenSecret } from '../options/postgres-ha.options.js';
import type { Position } from './position.js';

const secret = 's'.repeat(32);
const codec = new TokenCodec([{ secret }], 300, () => 1_000_000);
const systemId = 7_710_188_961_780_236_318n;

const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const position = fc.record({
  timeline: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
  floor: u64,
  ceiling: u64,
  asynchronous: fc.boolean(),
  leaderOnly: fc.boolean(),
});
const some: Position = { timeline: 1, floor: 1n, ceiling: 2n, asynchronous: false, leaderOnly: false };

const failsWith = (code: unknown) => expect.objectContaining({ code });

describe('TokenCodec', () => {
  it('gives back every position it was given', () => {
    fc.assert(
      fc.property(u64, position, (id, given) => {
        expect(codec.decode(codec.encode(id, given))).toEqual({
          systemId: id,
          position: given,
          issuedAtSeconds: 1_000_000,
        });
      }),
    );
  });

  it('is compact and safe in a header and a URL', () => {
    fc.assert(fc.property(u64, position, (id, given) => expect(codec.encode(id, given)).toMatch(/^[\w-]{67}$/)));
  });

  it('refuses a token in which any one character was changed', () => {
    const token = codec.encode(systemId, some);
    fc.assert(
      fc.property(fc.nat({ max: token.length - 2 }), fc.constantFrom(...'AZaz09-_'), (index, character) => {
        fc.pre(token[index] !== character);
        const changed = token.slice(0, index) + character + token.slice(index + 1);
        expect(() => codec.decode(changed)).toThrow(/Consistency-Token/);
      }),
    );
  });

  it('answers any input with a token or with a PostgresHaError', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), fc.stringMatching(/^[\w-]{67}$/)), (text) => {
        expect(() => codec.decode(text)).toThrow(failsWith(expect.stringMatching(/^consistency_token_/)));
      }),
    );
  });

  it.each([
    [
      'issued with another secret',
      new TokenCodec([{ secret: 't'.repeat(32) }], 300, () => 1_000_000),
      'consistency_token_forged',
    ],
    ['too old', new TokenCodec([{ secret }], 300, () => 1_000_000 - 301), 'consistency_token_expired'],
    ['from the future', new TokenCodec([{ secret }], 300, () => 1_000_000 + 61), 'consistency_token_expired'],
  ])('refuses a token %s', (_, issuer, code) => {
    expect(() => codec.decode(issuer.encode(systemId, some))).toThrow(failsWith(code));
  });

  it.each([299, 300])('takes a token of %d seconds', (age) => {
    const issuer = new TokenCodec([{ secret }], 300, () => 1_000_000 - age);
    expect(codec.decode(issuer.encode(systemId, some)).position).toEqual(some);
  });
});

describe('TokenCodec with several secrets', () => {
  const old = { secret };
  const first = { id: '2026-11', secret: 'a'.repeat(32) };
  const second = { id: '2026-12', secret: 'b'.repeat(32) };
  const coder = (...secrets: readonly TokenSecret[]) => new TokenCodec(secrets, 300, () => 1_000_000);

  it.each<[title: string, issuer: TokenSecret[], reader: TokenSecret[], code: string | undefined]>([
    ['by the secret that signs', [first], [first], undefined],
    ['by a secret that no longer signs', [first], [second, first], undefined],
    ['by a secret that does not sign yet', [second, first], [first, second], undefined],
    ['from before there were ids', [old], [first, old], undefined],
    ['by a secret that is gone', [first], [second], 'consistency_token_forged'],
    ['from before there were ids, when that secret is gone', [old], [first], 'consistency_token_forged'],
    ['by the same secret under another id', [first], [{ ...first, id: 'other' }], 'consistency_token_forged'],
    ['by the same secret under an id that it had not', [old], [{ id: 'new', secret }], 'consistency_token_forged'],
  ])('a token signed %s', (_title, issuer, reader, code) => {
    const token = coder(...issuer).encode(systemId, some);
    const read = () => coder(...reader).decode(token);
    if (code === undefined) expect(read().position).toEqual(some);
    else expect(read).toThrow(failsWith(code));
  });

  it('names its secret, and is no longer than 84 characters', () => {
    const token = coder({ ...first, id: 'x'.repeat(16) }).encode(systemId, some);
    expect(token).toMatch(/^x{16}\.[\w-]{67}$/);
    expect(coder(first).encode(systemId, some)).toMatch(/^2026-11\.[\w-]{67}$/);
  });

  it.each([
    ['whose id was taken away', (token: string) => token.slice(token.indexOf('.') + 1)],
    ['with a dot and no id', (token: string) => token.slice(token.indexOf('.'))],
    ['with two ids', (token: string) => `2026-12.${token}`],
    ['with an id that is too long', (token: string) => `${'x'.repeat(17)}${token.slice(token.indexOf('.'))}`],
    ['that is longer than any', (token: string) => token + 'x'.repeat(10_000)],
  ])('refuses a token %s', (_title, damage) => {
    const token = coder(first).encode(systemId, some);
    expect(() => coder(first).decode(damage(token))).toThrow(failsWith('consistency_token_malformed'));
  });

  it.each<[title: string, secrets: TokenSecret[]]>([
    ['no secret', []],
    ['a short secret', [{ id: 'a', secret: 'short' }]],
    ['a secret that is not set', [{ id: 'a', secret: undefined as unknown as string }]],
    ['two secrets of one id', [first, { ...second, id: first.id }]],
    ['an empty id', [{ ...first, id: '' }]],
    ['an id with a dot', [{ ...first, id: 'a.b' }]],
    ['an id that is too long', [{ ...first, id: 'x'.repeat(17) }]],
  ])('is not made with %s', (_title, secrets) => {
    expect(() => coder(...secrets)).toThrow(RangeError);
  });
});

describe('readClaims', () => {
  it('merges tokens of one timeline and keeps those of others apart, oldest first', () => {
    const header = [{ ...some, timeline: 2 }, some, { ...some, ceiling: 9n }]
      .map((given) => codec.encode(systemId, given))
      .join(', ');
    expect(readClaims(header, codec)).toEqual({
      systemId,
      positions: [
        { ...some, ceiling: 9n },
        { ...some, timeline: 2 },
      ],
    });
  });

  it('refuses tokens of two clusters', () => {
    const header = `${codec.encode(1n, some)},${codec.encode(2n, some)}`;
    expect(() => readClaims(header, codec)).toThrow(failsWith('consistency_token_foreign'));
  });

  it.each(['', ',', 'x', Array(17).fill(codec.encode(systemId, some)).join(',')])('refuses %#', (header) => {
    expect(() => readClaims(header, codec)).toThrow(failsWith('consistency_token_malformed'));
  });
});

describe('claimsAfterWriting', () => {
  const at = (timeline: number, ceiling: bigint, over: Partial<Position> = {}): Position => ({
    ...some,
    timeline,
    floor: ceiling - 1n,
    ceiling,
    ...over,
  });
  const wrote = at(3, 250n);
  const lineage = new Map([
    [1, 100n],
    [2, 200n],
  ]);

  it.each<[what: string, claims: readonly Position[], known: ReadonlyMap<number, bigint>, after: readonly Position[]]>([
    ['the first write', [], lineage, [wrote]],
    ['an earlier write on the timeline', [at(3, 240n)], lineage, [at(3, 250n, { floor: 249n })]],
    ['one that the timeline kept', [at(2, 190n)], lineage, [wrote]],
    ['several of those', [at(1, 90n), at(2, 190n)], lineage, [wrote]],
    ['one that only the leader shows', [at(2, 190n, { leaderOnly: true })], lineage, [{ ...wrote, leaderOnly: true }]],
    ['one that the failover lost', [at(2, 202n)], lineage, [at(2, 202n), wrote]],
    ['one kept and one lost', [at(1, 90n), at(2, 202n)], lineage, [at(2, 202n), wrote]],
    ['one of which nothing is known yet', [at(2, 190n)], new Map(), [at(2, 190n), wrote]],
    ['one of a later timeline than a leader that was frozen', [at(4, 300n)], lineage, [wrote, at(4, 300n)]],
  ])('after %s', (_, positions, known, after) => {
    const claims = positions.length === 0 ? undefined : { systemId, positions };
    expect(claimsAfterWriting(claims, systemId, wrote, known)).toEqual({ systemId, positions: after });
  });
});
