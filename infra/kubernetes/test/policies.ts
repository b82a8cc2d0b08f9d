import { podOf, type Loose, type Manifest } from './rendered.js';

/** A rule that every pod of ours keeps: what is wrong with a manifest, in words. */
interface Policy {
  readonly name: string;
  readonly broken: (manifest: Manifest, all: readonly Manifest[]) => readonly string[];
}

const eachContainer =
  (wrong: (container: Loose) => string | undefined | false): Policy['broken'] =>
  (manifest) =>
    (podOf(manifest)?.containers ?? []).flatMap((container) => {
      const what = wrong(container);
      return typeof what === 'string' ? [`${container.name}: ${what}`] : [];
    });

/** Images by a fixed version. `imageName` is CloudNativePG's word. */
const imagesIn = (value: unknown): readonly string[] => {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    (key === 'image' || key === 'imageName' || key === 'dockerImage') && typeof child === 'string'
      ? [child]
      : imagesIn(child),
  );
};

/**
 * Written here: of the linters of manifests none is packaged for Debian, and the one on npm (`@monokle/validation`) has not changed since
 * December 2024.
 */
export const policies: readonly Policy[] = [
  {
    name: 'Every image has a tag, and it is not latest',
    broken: ({ kind, spec }) =>
      (kind === 'ConfigMap' ? [] : imagesIn(spec)).filter(
        (image) => !/:[\w.-]+$/.test(image) || image.endsWith(':latest'),
      ),
  },
  {
    name: 'No process runs as root',
    broken: (manifest) => {
      const pod = podOf(manifest);
      const context = pod?.['securityContext'] as { runAsNonRoot?: boolean; runAsUser?: number } | undefined;
      if (pod === undefined || (context?.runAsNonRoot === true && (context.runAsUser ?? 0) > 0)) return [];
      return ['the pod must have runAsNonRoot and the number of a user'];
    },
  },
  {
    name: 'No container gains rights, and each has a read-only root',
    broken: eachContainer(({ securityContext }) => {
      const { allowPrivilegeEscalation, readOnlyRootFilesystem, capabilities, privileged } = securityContext ?? {};
      return (
        (allowPrivilegeEscalation !== false ||
          readOnlyRootFilesystem !== true ||
          privileged === true ||
          !capabilities?.drop?.includes('ALL') ||
          capabilities.add !== undefined) &&
        'allowPrivilegeEscalation, readOnlyRootFilesystem or capabilities'
      );
    }),
  },
  {
    name: 'The kernel is narrowed, the host is left alone, and no token lies around',
    broken: (manifest) => {
      const pod = podOf(manifest) as Loose | undefined;
      if (pod === undefined) return [];
      return [
        ...(pod['securityContext']?.seccompProfile?.type === 'RuntimeDefault' ? [] : ['seccompProfile']),
        ...(pod['automountServiceAccountToken'] === false ? [] : ['automountServiceAccountToken']),
        ...['hostNetwork', 'hostPID', 'hostIPC'].filter((field) => pod[field] === true),
        ...(pod['volumes'] ?? []).flatMap((volume: object) => ('hostPath' in volume ? ['hostPath'] : [])),
      ];
    },
  },
  {
    name: 'Every container says what it needs and what it may have',
    broken: eachContainer(({ resources }) =>
      (['requests', 'limits'] as const).some((bound) => !resources?.[bound]?.cpu || !resources[bound].memory)
        ? 'resources'
        : undefined,
    ),
  },
  {
    name: 'What serves is probed',
    broken: (manifest) =>
      manifest.kind !== 'Deployment'
        ? []
        : eachContainer(({ livenessProbe, readinessProbe }) => (!livenessProbe || !readinessProbe) && 'probes')(
            manifest,
            [],
          ),
  },
  {
    name: 'What has more than one instance has a disruption budget and is spread',
    broken: (manifest, all) => {
      if (manifest.kind !== 'Deployment' || manifest['spec'].replicas < 2) return [];
      const labels = manifest['spec'].template.metadata.labels as Record<string, string>;
      const isFor = ({ spec }: Manifest) =>
        Object.entries(spec.selector.matchLabels as Record<string, string>).every(
          ([key, value]) => labels[key] === value,
        );
      const budget = all.find((other) => other.kind === 'PodDisruptionBudget' && isFor(other));
      return [
        ...(budget !== undefined && budget['spec'].minAvailable < manifest['spec'].replicas
          ? []
          : ['no disruption budget']),
        ...(podOf(manifest)?.['topologySpreadConstraints'] === undefined ? ['not spread'] : []),
      ];
    },
  },
  {
    name: 'Every pod has a network policy for both directions',
    broken: (manifest, all) => {
      if (podOf(manifest) === undefined) return [];
      const name = manifest['spec'].template.metadata.labels['app.kubernetes.io/name'] as string;
      const isOpen = !all.some(({ kind, spec }) => {
        if (kind !== 'NetworkPolicy' || spec.policyTypes.length < 2) return false;
        const { matchLabels = {}, matchExpressions = [] } = spec.podSelector;
        const values = matchExpressions.flatMap((expression: { values: string[] }) => expression.values);
        return matchLabels['app.kubernetes.io/name'] === name || values.includes(name);
      });
      return isOpen ? ['no network policy'] : [];
    },
  },
];
