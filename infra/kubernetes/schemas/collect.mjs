// Makes the schemas of this folder anew from clones of the projects that publish them: sources.json says which files of which versions.
//   node infra/kubernetes/schemas/collect.mjs OWNER/NAME=CLONE…
// Of a schema only what a test can check is kept: types, names, enumerations, bounds. No text of its authors, and no rule in CEL.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';

/** @typedef {{ file: string, repository: string, revision: string, path: string, licence: string, kinds?: string[] }} Source */

const here = new URL('./', import.meta.url);
/** @type {Source[]} */
const sources = JSON.parse(readFileSync(new URL('sources.json', here), 'utf8'));
const clones = Object.fromEntries(process.argv.slice(2).map((argument) => argument.split('=')));

/** What says nothing about whether a manifest is right. */
const dropped = new Set([
  'description',
  'example',
  'externalDocs',
  'title',
  'x-kubernetes-validations',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-list-type',
  'x-kubernetes-map-type',
  'x-kubernetes-patch-merge-key',
  'x-kubernetes-patch-strategy',
  'x-kubernetes-unions',
  'x-kubernetes-selectable-fields',
  'default',
]);

/**
 * @param {unknown} schema
 * @param {boolean} isNames whether its keys are names of fields, one of which may be called `description`
 * @returns {unknown}
 */
function strip(schema, isNames = false) {
  if (Array.isArray(schema)) return schema.map((part) => strip(part));
  if (typeof schema !== 'object' || schema === null) return schema;
  const kept = Object.entries(schema).filter(([key]) => isNames || !dropped.has(key));
  return Object.fromEntries(
    kept.map(([key, value]) => [key, strip(value, !isNames && (key === 'properties' || key === 'definitions'))]),
  );
}

/** The schema of each kind of a custom resource definition, by `group/version/Kind`. */
function ofDefinition(/** @type {string} */ text) {
  const { spec } = parse(text);
  const served = spec.versions.filter((/** @type {{ served: boolean }} */ version) => version.served);
  return {
    kinds: Object.fromEntries(
      served.map((/** @type {any} */ version) => [
        `${spec.group}/${version.name}/${spec.names.kind}`,
        strip(version.schema.openAPIV3Schema),
      ]),
    ),
  };
}

/** The kinds that are used here out of the OpenAPI document of the API, and every definition that they lead to. */
function ofApi(/** @type {string} */ text, /** @type {string[]} */ kinds) {
  const { definitions, info } = JSON.parse(text);
  /** @type {Record<string, unknown>} */
  const used = {};
  const take = (/** @type {string} */ name) => {
    if (name in used) return;
    used[name] = strip(definitions[name]);
    for (const [, next] of JSON.stringify(used[name]).matchAll(/"#\/definitions\/([^"]+)"/g)) take(String(next));
  };
  const names = Object.fromEntries(
    kinds.map((kind) => {
      const found = Object.entries(definitions).find(([, definition]) =>
        definition['x-kubernetes-group-version-kind']?.some(
          (/** @type {{ group: string, version: string, kind: string }} */ gvk) =>
            [gvk.group, gvk.version, gvk.kind].filter((part) => part !== '').join('/') === kind,
        ),
      );
      if (found === undefined) throw new Error(`the API has no ${kind}`);
      take(found[0]);
      return [kind, { $ref: `#/definitions/${found[0]}` }];
    }),
  );
  for (const definition of Object.values(used))
    delete (/** @type {any} */ (definition)['x-kubernetes-group-version-kind']);
  return { apiVersion: info.version, kinds: names, definitions: used };
}

/** The names of the metrics that CloudNativePG's default queries become; those of its collector are in its code. */
function ofQueries(/** @type {string} */ text) {
  const queries = parse(parse(text).data.queries);
  const names = Object.entries(queries).flatMap(([query, { metrics }]) =>
    metrics.flatMap((/** @type {Record<string, { usage: string }>} */ column) =>
      Object.entries(column).flatMap(([name, { usage }]) => (usage === 'LABEL' ? [] : [`cnpg_${query}_${name}`])),
    ),
  );
  return { metrics: [...new Set(names)].toSorted() };
}

for (const { file, repository, revision, path, licence, kinds } of sources) {
  const clone = clones[repository];
  if (clone === undefined) {
    process.stderr.write(`left as it is: ${file} (no clone of ${repository})\n`);
    continue;
  }
  const text = execFileSync('git', ['-C', clone, 'show', `${revision}:${path}`], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const from = { repository, revision, path, licence };
  const schema =
    kinds !== undefined ? ofApi(text, kinds) : file.endsWith('metrics.json') ? ofQueries(text) : ofDefinition(text);
  writeFileSync(new URL(file, here), `${JSON.stringify({ from, ...schema })}\n`);
  process.stderr.write(`${file}\n`);
}
