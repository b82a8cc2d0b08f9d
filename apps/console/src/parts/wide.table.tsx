import type { ComponentChildren } from 'preact';

/** A table that scrolls by itself where the page is too narrow for it; the keyboard reaches it, too. */
export function WideTable({
  label,
  testId,
  children,
}: {
  label: string;
  testId?: string;
  children: ComponentChildren;
}) {
  return (
    <div class="wide-table" role="region" aria-label={label} tabIndex={0} data-testid={testId}>
      <table>{children}</table>
    </div>
  );
}
