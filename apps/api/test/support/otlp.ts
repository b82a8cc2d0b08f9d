/**
 * Reads Protobuf messages as protobuf.dev/programming-guides/encoding describes them, as far as OTLP needs it. By hand and not with
 * the exporter's own code, so that a test sees what any other collector would see.
 */

/** The fields of a message by number: a number for varint and fixed64, else bytes. */
export type Fields = ReadonlyMap<number, readonly (bigint | Buffer)[]>;

export function fieldsIn(message: Buffer): Fields {
  const fields = new Map<number, (bigint | Buffer)[]>();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message.readUInt8(at);
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const bytes = (length: number): Buffer => {
    at += length;
    return message.subarray(at - length, at);
  };
  const wireTypes: Readonly<Record<number, () => bigint | Buffer>> = {
    0: varint,
    1: () => bytes(8).readBigUInt64LE(),
    2: () => bytes(Number(varint())),
    5: () => bytes(4),
  };
  while (at < message.length) {
    const tag = Number(varint());
    const read = wireTypes[tag & 7];
    if (read === undefined) throw new Error(`no wire type of OTLP: ${tag & 7}`);
    const field = tag >> 3;
    fields.set(field, [...(fields.get(field) ?? []), read()]);
  }
  return fields;
}

export function messagesIn(fields: Fields, field: number): readonly Fields[] {
  return (fields.get(field) ?? []).map((value) => fieldsIn(value as Buffer));
}

export function textIn(fields: Fields, field: number, encoding: 'utf8' | 'hex' = 'utf8'): string {
  return ((fields.get(field)?.[0] ?? Buffer.alloc(0)) as Buffer).toString(encoding);
}

/** A time in nanoseconds, as milliseconds. */
export function msIn(fields: Fields, field: number): number {
  return Number((fields.get(field)?.[0] ?? 0n) as bigint) / 1e6;
}

/** `KeyValue` of opentelemetry/proto/common/v1/common.proto, with strings, booleans and numbers as values. */
export function attributesIn(fields: Fields, field: number): Record<string, unknown> {
  return Object.fromEntries(
    messagesIn(fields, field).map((pair) => [textIn(pair, 1), messagesIn(pair, 2).map(valueOf)[0]]),
  );
}

function valueOf(any: Fields): unknown {
  const [[kind, [value] = []] = []] = [...any];
  if (kind === 1) return (value as Buffer).toString();
  if (kind === 2) return value === 1n;
  if (kind === 3) return Number(value);
  if (kind !== 4) return undefined;
  const double = Buffer.alloc(8);
  double.writeBigUInt64LE(value as bigint);
  return double.readDoubleLE();
}
