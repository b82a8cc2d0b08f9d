/** A value of a series at a moment. */
export interface Sample {
  /** Its name is the label `__name__`. */
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Milliseconds since 1970. */
  readonly atMs: number;
}

/** Kinds of fields in Protobuf. */
const kinds = { varint: 0, eightBytes: 1, withLength: 2 } as const;
/** Snappy's tag of a literal whose length follows in two bytes. */
const literalOfTwoBytes = 61 << 2;
const longestLiteral = 2 ** 16;

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}

const field = (number: number, kind: number, ...parts: readonly Buffer[]): Buffer =>
  Buffer.concat([varint((number << 3) | kind), ...parts]);

function nested(number: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return field(number, kinds.withLength, varint(content.length), content);
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}

/** `TimeSeries` of prometheus/prompb/types.proto. Its labels must be sorted by their names. */
function timeSeries({ labels, value, atMs }: Sample): Buffer {
  const sorted = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return nested(
    1,
    ...sorted.map(([name, content]) => nested(1, nested(1, Buffer.from(name)), nested(2, Buffer.from(content)))),
    nested(2, field(1, kinds.eightBytes, double(value)), field(2, kinds.varint, varint(Math.round(atMs)))),
  );
}

/** Snappy's block format asks for no compression: all of it is one literal. */
function snappy(content: Buffer): Buffer {
  if (content.length === 0 || content.length > longestLiteral) throw new RangeError(`${content.length} bytes`);
  const head = Buffer.from([literalOfTwoBytes, 0, 0]);
  head.writeUInt16LE(content.length - 1, 1);
  return Buffer.concat([varint(content.length), head, content]);
}

/**
 * The body of a request that gives Prometheus samples (prometheus.io/docs/specs/prw/remote_write_spec, version 1.0). Its other receiver, of
 * OTLP, would take JSON, and Debian builds Prometheus without it.
 *
 * @throws RangeError without samples, or where they take more than 64 KiB
 */
export const writeRequest = (samples: readonly Sample[]): Buffer => snappy(Buffer.concat(samples.map(timeSeries)));
