import { readdirSync, readFileSync } from 'node:fs';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { Manifest } from './rendered.js';

interface Schemas {
  readonly from: { readonly repository: string; readonly revision: string; readonly licence: string };
  readonly kinds?: Readonly<Record<string, object>>;
  readonly definitions?: Readonly<Record<string, object>>;
}

type Schema = Record<string, unknown>;

/** The published schemas in infra/kubernetes/schemas, as they were collected. */
export const published: ReadonlyMap<string, Schemas> = new Map(
  readdirSync('infra/kubernetes/schemas')
    .filter((file) => file.endsWith('.json') && file !== 'sources.json')
    .map((file) => [file, JSON.parse(readFileSync(`infra/kubernetes/schemas/${file}`, 'utf8')) as Schemas]),
);

/** A string by the schema, and numbers are accepted all the same. */
const quantities = new Set(['io.k8s.apimachinery.pkg.api.resource.Quantity']);

const validators = new Map<string, ValidateFunction>();
for (const { kinds = {}, definitions = {} } of published.values()) {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false, unicodeRegExp: false });
  for (const [kind, schema] of Object.entries(kinds)) {
    validators.set(kind, ajv.compile({ ...closed(schema), definitions: closedAll(definitions) }));
  }
}

/** What is wrong with a manifest, by the schema that the API or the operator publishes for its kind. */
export function mistakesIn(manifest: Manifest): readonly string[] {
  const kind = `${manifest.apiVersion}/${manifest.kind}`;
  const validate = validators.get(kind);
  if (validate === undefined) return [`there is no schema for ${kind}`];
  return validate(manifest) ? [] : (validate.errors ?? []).map(describeError);
}

const describeError = ({ instancePath, message, params }: ErrorObject) =>
  `${instancePath}: ${message}${'additionalProperty' in params ? ` (${String(params['additionalProperty'])})` : ''}`;

function closedAll(definitions: Readonly<Record<string, object>>): Readonly<Record<string, object>> {
  const entries = Object.entries(definitions);
  return Object.fromEntries(entries.map(([name, schema]) => [name, quantities.has(name) ? {} : closed(schema)]));
}

/**
 * The same schema, in which a field that it does not know is a mistake. Without that a typo would be ignored, as the API itself does
 * unless it is asked to be strict. In which a number or a string is one of both where the API says so. And without the patterns that Go
 * understands and JavaScript does not.
 */
function closed(schema: unknown): Schema {
  if (Array.isArray(schema)) return schema.map(closed) as unknown as Schema;
  if (typeof schema !== 'object' || schema === null) return schema as Schema;
  const { type, pattern, ...rest } = schema as Schema;
  const isEither = rest['x-kubernetes-int-or-string'] === true || rest['format'] === 'int-or-string';
  const isOpen =
    rest['additionalProperties'] !== undefined ||
    rest['x-kubernetes-preserve-unknown-fields'] === true ||
    rest['x-kubernetes-embedded-resource'] === true;
  return {
    ...Object.fromEntries(
      Object.entries(rest).map(([key, value]) => [
        key,
        key === 'properties' || key === 'definitions' ? mapped(value as Schema) : closed(value),
      ]),
    ),
    ...(type !== undefined && !isEither && { type }),
    ...(typeof pattern === 'string' && !pattern.includes('(?i)') && { pattern }),
    ...(rest['properties'] !== undefined && !isOpen && { additionalProperties: false }),
  };
}

function mapped(schemas: Schema): Schema {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, closed(schema)]));
}
