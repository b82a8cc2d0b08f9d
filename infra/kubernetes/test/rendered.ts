import { execFileSync } from 'node:child_process';
import { parseAllDocuments } from 'yaml';

/** What can be rendered and applied. */
export const overlays = [
  'zalando',
  'cloudnative-pg',
  'zalando-backup',
  'cloudnative-pg-backup',
  'observe/zalando',
  'observe/cloudnative-pg',
  'judge/zalando',
  'judge/cloudnative-pg',
] as const;

export type Overlay = (typeof overlays)[number];

/** A container of a pod, as far as the tests look at it. */
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly env?: readonly EnvironmentVariable[];
  readonly envFrom?: readonly { readonly configMapRef: { readonly name: string } }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
  readonly [field: string]: unknown;
}

/** A variable with a value, or with one of a secret. */
export interface EnvironmentVariable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
}

/** A pod, as a Deployment or a Job describes it. */
export interface PodSpec {
  readonly containers: readonly Container[];
  readonly terminationGracePeriodSeconds?: number;
  readonly volumes?: readonly {
    readonly name: string;
    readonly secret?: { readonly secretName: string; readonly items?: readonly { readonly key: string }[] };
    readonly configMap?: { readonly name: string };
  }[];
  readonly [field: string]: unknown;
}

/** A part of a manifest, whose shape is its kind's: the schemas check it. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Loose = any;

/** A resource. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Record<string, string> };
  readonly [field: string]: Loose;
}

/** Kustomize knows components, and patches as they are written here, since this version of kubectl. */
const oldestMinor = 27;

/** Why no overlay can be rendered on this machine; undefined where they can be. */
export const whyNotRendered: string | undefined = lookForKubectl();

function lookForKubectl(): string | undefined {
  let version: string;
  try {
    version = execFileSync('kubectl', ['version', '--client', '--output', 'json'], { encoding: 'utf8' });
  } catch {
    return 'there is no kubectl (Debian 13: apt-get install kubernetes-client; macOS: brew install kubectl)';
  }
  const { gitVersion } = (JSON.parse(version) as { clientVersion: { gitVersion: string } }).clientVersion;
  const [, minor] = /^v1\.(\d+)\./.exec(gitVersion) ?? [];
  return Number(minor) >= oldestMinor ? undefined : `kubectl ${gitVersion} is older than 1.${oldestMinor}`;
}

/** What `kubectl kustomize` makes of an overlay, without any option, as `kubectl apply -k` would. */
export function render(overlay: Overlay): readonly Manifest[] {
  const text = execFileSync('kubectl', ['kustomize', `infra/kubernetes/${overlay}`], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
}

/** The pods that a manifest describes. */
export function podOf({ kind, spec }: Manifest): PodSpec | undefined {
  return kind === 'Deployment' || kind === 'Job' ? (spec.template.spec as PodSpec) : undefined;
}

/** The variables of a container: those of its ConfigMaps, then its own. */
export function environmentOf(container: Container, manifests: readonly Manifest[]): readonly EnvironmentVariable[] {
  const shared = (container.envFrom ?? []).flatMap(({ configMapRef: { name } }) => {
    const map = manifests.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name);
    if (map === undefined) throw new Error(`there is no ConfigMap ${name}`);
    return Object.entries(map['data'] as Record<string, string>).map(([variable, value]) => ({
      name: variable,
      value,
    }));
  });
  return [...shared, ...(container.env ?? [])];
}
