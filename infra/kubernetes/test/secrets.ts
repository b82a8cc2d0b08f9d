import { readFileSync } from 'node:fs';
import type { Manifest } from './rendered.js';

/** Name of a secret and one of its keys. */
export type SecretKey = `${string}/${string}`;

const keysOf = (made: string, key: string): readonly string[] => {
  if (made.startsWith('login:')) return ['username', 'password'];
  return made === 'certificate' ? ['tls.crt', 'tls.key', 'ca.crt'] : [key];
};

/** What `scripts/lab kubernetes up` makes for an overlay (infra/kubernetes/secrets.txt). */
export function madeByScript(overlay: string): readonly SecretKey[] {
  const lines = readFileSync('infra/kubernetes/secrets.txt', 'utf8').split('\n');
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(/\s+/) as [string, string, string, string])
    .filter(([of]) => of === 'both' || overlay.startsWith(of))
    .flatMap(([, name, key, made]) => keysOf(made, key).map((part): SecretKey => `${name}/${part}`));
}

/** What the operator makes for the clusters in these manifests, by the rules that its documentation gives. */
export function madeByOperator(manifests: readonly Manifest[]): readonly SecretKey[] {
  return manifests.flatMap(({ kind, metadata: { name }, spec }): readonly SecretKey[] => {
    switch (kind) {
      case 'postgresql':
        // secret_name_template, with dashes for what a name may not have.
        return [...Object.keys(spec.users as object), 'postgres', 'standby'].flatMap((user) =>
          ['username', 'password'].map(
            (key): SecretKey => `${user.replaceAll('_', '-')}.${name}.credentials.postgresql.acid.zalan.do/${key}`,
          ),
        );
      case 'Cluster':
        return [`${name}-app/username`, `${name}-app/password`, `${name}-ca/ca.crt`];
      default:
        return [];
    }
  });
}

/** The Services that the operator makes. */
export function servicesByOperator(manifests: readonly Manifest[]): readonly string[] {
  return manifests.flatMap(({ kind, metadata: { name } }) => {
    if (kind === 'postgresql') return [name, `${name}-repl`, `${name}-pooler`];
    return kind === 'Cluster' ? [`${name}-rw`, `${name}-ro`, `${name}-r`] : [];
  });
}

/** What the user brings: where backups go is a bucket of theirs. */
export const broughtByUser: readonly SecretKey[] = ['backup-store/access-key-id', 'backup-store/secret-access-key'];

/** Every secret that is named anywhere in a manifest: as a variable, a volume, or a field of a custom resource. */
export function secretsNamedIn(manifests: readonly Manifest[]): readonly SecretKey[] {
  const found = new Set<SecretKey>();
  const visit = (value: unknown, field: string): void => {
    if (typeof value !== 'object' || value === null) return;
    const { name, key, secretName, items, caFile } = value as Record<string, unknown>;
    if (typeof name === 'string' && typeof key === 'string' && !field.startsWith('configMap'))
      found.add(`${name}/${key}`);
    if (field === 'passwordSecret') for (const part of ['username', 'password']) found.add(`${String(name)}/${part}`);
    if (typeof secretName === 'string') {
      const keys = Array.isArray(items)
        ? items.map((item: { key: string }) => item.key)
        : ['tls.crt', 'tls.key', caFile];
      for (const part of keys) found.add(`${secretName}/${String(part)}`);
    }
    for (const [next, child] of Object.entries(value)) visit(child, Array.isArray(value) ? field : next);
  };
  for (const { kind, spec } of manifests) if (kind !== 'ConfigMap') visit(spec, 'spec');
  return [...found].toSorted();
}
