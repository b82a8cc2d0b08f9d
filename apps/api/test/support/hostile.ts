import fc from 'fast-check';
import type { RawRequest } from './raw.http.js';

/** The parts of JSON Schema that the served document uses. */
export interface JsonSchema {
  readonly type?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
}

/** An operation of the served document. */
export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema: JsonSchema }[];
  readonly body: JsonSchema | undefined;
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
}

interface OpenApiOperation {
  readonly parameters?: Operation['parameters'];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>> };
}

/** Ids of a new database are small, and most of the ids that are tried should be those of rows. */
const likelyIds = 40;
const shortText = 20;
const fewItems = 4;
const maxQueryValue = 500;

export function operationsOf({ paths }: OpenApi): Operation[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, { parameters = [], requestBody }]) => ({
      method: method.toUpperCase(),
      path,
      parameters,
      body: requestBody?.content['application/json']?.schema,
    })),
  );
}

/** Values that have broken some program before. */
const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(
    null,
    true,
    '',
    ' ',
    [],
    {},
    -1,
    0,
    -0,
    0.1,
    1.005,
    2 ** 31,
    2 ** 53,
    -(2 ** 63),
    1e21,
    1.7e308,
    5e-324,
    '\0',
    'a\0b',
    '\ud800',
    '\udfff\ud800',
    '\u202e\ufeff',
    '😀'.repeat(101),
    'x'.repeat(201),
    'x'.repeat(70_000),
    "'; drop table products; --",
    '${7*7}',
    '%s%n',
    '../../etc/passwd',
    'NaN',
    'Infinity',
    '0x10',
    '1e3',
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999999Z',
    '2026-02-30T00:00:00Z',
    '+275760-09-13T00:00:00.001Z',
    { constructor: 1, toString: 1 },
    [[[[[[[[]]]]]]]],
  ),
  fc.string({ unit: 'binary' }),
);

/** A value that the schema allows. The service may refuse it for a reason that no schema states. */
function valid({ type, format, minimum = 1, maximum = 2 ** 31 - 1, ...schema }: JsonSchema): fc.Arbitrary<unknown> {
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(valid));
  switch (type) {
    case 'null':
      return fc.constant(null);
    case 'object': {
      const members = Object.entries(schema.properties ?? {}).map(([name, member]) => [name, valid(member)] as const);
      return fc.record(Object.fromEntries(members), { requiredKeys: [...(schema.required ?? [])] });
    }
    case 'array':
      return fc.array(valid(schema.items ?? {}), { maxLength: Math.min(schema.maxItems ?? fewItems, fewItems) });
    case 'integer':
      return fc.oneof(
        { weight: 4, arbitrary: fc.integer({ min: minimum, max: Math.min(maximum, likelyIds) }) },
        { weight: 1, arbitrary: fc.integer({ min: minimum, max: maximum }) },
      );
    case 'number':
      return fc.integer({ min: 1, max: likelyIds });
    case 'string':
      if (format === 'email') return fc.emailAddress();
      if (format === 'date-time')
        return fc.date({ min: new Date(0), noInvalidDate: true }).map((date) => date.toISOString());
      return fc.string({
        unit: 'grapheme',
        minLength: schema.minLength ?? 0,
        maxLength: Math.min(schema.maxLength ?? shortText, shortText),
      });
    default:
      return hostileValue;
  }
}

/** A valid object with one member changed, taken out or added. */
function nearlyValid(schema: JsonSchema): fc.Arbitrary<unknown> {
  const names = fc.constantFrom(...Object.keys(schema.properties ?? {}), 'unknown', '__proto__');
  return fc
    .tuple(valid(schema), names, fc.option(hostileValue, { nil: undefined }))
    .map(([value, name, other]) =>
      Object.fromEntries([...Object.entries(value as object).filter(([member]) => member !== name), [name, other]]),
    );
}

const jsonText = (value: unknown) => Buffer.from(JSON.stringify(value) ?? '');

function bodyOf(schema: JsonSchema): fc.Arbitrary<Buffer> {
  const good = valid(schema).map(jsonText);
  return fc.oneof(
    { weight: 6, arbitrary: good },
    { weight: 6, arbitrary: nearlyValid(schema).map(jsonText) },
    { weight: 2, arbitrary: hostileValue.map(jsonText) },
    { weight: 1, arbitrary: fc.tuple(good, fc.nat()).map(([text, at]) => text.subarray(0, at % text.length)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom(
          '\ufeff{}',
          '{"price":1e400,"name":"a"}',
          '{"name":"a","name":"b","price":1}',
          '{"__proto__":{}}',
          '{"name":"\\ud800","price":1}',
          '[',
          'null',
          '"',
        )
        .map((text) => Buffer.from(text)),
    },
  );
}

/** Mostly the right type: a request with a wrong one is refused before anything else of it is looked at. */
const contentType = fc.oneof(
  { weight: 12, arbitrary: fc.constant('application/json') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'application/json; charset=utf-16',
      'application/problem+json',
      'text/plain',
      'application/xml',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'multipart/form-data; boundary=x',
      '',
      'nonsense',
      'application/json\0',
    ),
  },
);

const rarely = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

/** Without line breaks, which would begin other headers. */
const anyHeader = fc
  .string({ unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 40 })
  .map((text) => text.replaceAll(/[\r\n]/g, ' '));

const idempotencyKey = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 30 }).map((number) => `key-${number}`) },
  { weight: 1, arbitrary: fc.constantFrom('', '""', '"open', 'two words', 'x'.repeat(256), 'a, b', '\u00fc') },
  { weight: 1, arbitrary: anyHeader },
);

const readConsistency = fc.oneof(
  fc.constantFrom('eventual', 'session', 'strong', 'bounded; max-staleness=0', 'bounded; max-staleness=1000'),
  fc.constantFrom(
    '',
    'bounded',
    'bounded; max-staleness=-1',
    'bounded; max-staleness=1e999',
    'bounded; max-staleness=99999999999999999999',
    'strong; strong',
    'STRONG',
    'toString',
  ),
  anyHeader,
);

/** A real token, one with a byte changed, or none at all. */
const tokenOf = (real: string) =>
  fc.oneof(
    fc.constant(real),
    fc.tuple(fc.nat(), fc.constantFrom('A', '_', '.', '~')).map(([at, other]) => {
      const position = at % real.length;
      return real.slice(0, position) + other + real.slice(position + 1);
    }),
    fc.constantFrom('', '.', 'v1', 'x'.repeat(5_000), 'e30.e30'),
    anyHeader,
  );

const pathSegment = (schema: JsonSchema) =>
  fc.oneof(
    { weight: 6, arbitrary: valid(schema).map(String) },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        '0',
        '-1',
        '1.5',
        '1e3',
        '0x10',
        '2147483647',
        '2147483648',
        '9'.repeat(400),
        'NaN',
        '%00',
        '%ff',
        '%zz',
        '%',
        '..',
        '1%2f2',
        '1;2',
        'undefined',
        'constructor',
      ),
    },
    { weight: 1, arbitrary: fc.string({ unit: 'grapheme-composite', minLength: 1 }).map(encodeURIComponent) },
    { weight: 1, arbitrary: anyHeader.map((text) => text.replaceAll(/[ /?#]/g, '')) },
  );

const queryOf = (parameters: Operation['parameters']) => {
  const known = parameters.map(({ name, schema }) =>
    fc
      .oneof(
        valid(schema).map(String),
        hostileValue.map((value) =>
          encodeURIComponent([...String(JSON.stringify(value))].slice(0, maxQueryValue).join('')),
        ),
      )
      .map((value) => `${name}=${value}`),
  );
  const unknown = fc.constantFrom(
    'page=2',
    'limit=1&limit=2',
    'limit[]=1',
    '__proto__=1',
    '=',
    '&&',
    'after=%zz',
    'limit=%00',
    'limit',
  );
  return fc
    .oneof(
      {
        weight: 4,
        arbitrary: fc.subarray(known.length === 0 ? [unknown] : known).chain((chosen) => fc.tuple(...chosen)),
      },
      { weight: 1, arbitrary: fc.tuple(unknown) },
    )
    .map((parts) => (parts.length === 0 ? '' : `?${parts.join('&')}`));
};

/** Requests for one operation: valid ones, ones with a mistake, and hostile ones. */
export function requestsFor({ method, path, parameters, body }: Operation, token: string): fc.Arbitrary<RawRequest> {
  const inPath = parameters.filter((parameter) => parameter.in === 'path');
  const segments = fc.record(Object.fromEntries(inPath.map(({ name, schema }) => [name, pathSegment(schema)])));
  return fc
    .record({
      segments,
      query: rarely(queryOf(parameters.filter((parameter) => parameter.in === 'query'))),
      contentType,
      payload: body === undefined ? rarely(hostileValue.map(jsonText)) : bodyOf(body),
      'Idempotency-Key': rarely(idempotencyKey),
      'Read-Consistency': rarely(readConsistency),
      'Consistency-Token': rarely(tokenOf(token)),
      'X-Request-Id': rarely(anyHeader),
    })
    .map(({ segments: values, query = '', contentType: type, payload, ...headers }) => ({
      method,
      target: path.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '') + query,
      headers: Object.entries({ ...headers, 'Content-Type': payload && type }).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value] as const],
      ),
      body: payload,
    }));
}
