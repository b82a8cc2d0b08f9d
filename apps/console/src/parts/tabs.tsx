import { useSignal } from '@preact/signals';
import type { ComponentType } from 'preact';

/** One tab: what it is called, and what it shows while it is chosen. */
export interface Tab {
  readonly id: string;
  readonly title: string;
  readonly content: ComponentType;
}

const steps: Readonly<Record<string, (index: number, count: number) => number>> = {
  ArrowRight: (index, count) => (index + 1) % count,
  ArrowLeft: (index, count) => (index - 1 + count) % count,
  Home: () => 0,
  End: (_index, count) => count - 1,
};

/** Tabs after the pattern of the ARIA guide: one stop for the Tab key, arrows between them. Only the chosen one is in the page. */
export function Tabs({ label, tabs }: { label: string; tabs: readonly [Tab, ...Tab[]] }) {
  const chosen = useSignal(tabs[0].id);
  const { id, content: Content } = tabs.find((tab) => tab.id === chosen.value) ?? tabs[0];

  const onKeyDown = (event: KeyboardEvent): void => {
    const at = tabs.findIndex((tab) => tab.id === chosen.value);
    const next = tabs[steps[event.key]?.(at, tabs.length) ?? -1];
    if (next === undefined) return;
    event.preventDefault();
    chosen.value = next.id;
    document.getElementById(`tab-${next.id}`)?.focus();
  };

  return (
    <div class="tabs">
      <div role="tablist" aria-label={label} onKeyDown={onKeyDown}>
        {tabs.map((tab) => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            id={`tab-${tab.id}`}
            data-testid={`tab-${tab.id}`}
            aria-selected={tab.id === id}
            aria-controls="tab-content"
            tabIndex={tab.id === id ? 0 : -1}
            onClick={() => {
              chosen.value = tab.id;
            }}
          >
            {tab.title}
          </button>
        ))}
      </div>
      <div role="tabpanel" id="tab-content" class="panel" aria-labelledby={`tab-${id}`}>
        <Content />
      </div>
    </div>
  );
}
