import type { ReadonlySignal } from '@preact/signals';

/** A name and its figure, inside a `dl`. */
export function Fact({ name, value }: { name: string; value: ReadonlySignal<string> | string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
