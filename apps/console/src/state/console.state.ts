import { batch, computed, type ReadonlySignal, type Signal, signal, useComputed } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { FaultView, LogEntry, RunView, Snapshot, TimelineView } from '../../../../libs/live/src/protocol.js';
import { type Answers, ask } from './api.client.js';
import { type Connection, nextConnection } from './connection.state.js';
import { withEntry } from './event.log.js';
import { listen } from './live.connection.js';
import { nextReadings, noReadings } from './stopwatch.reading.js';

/** The newest snapshot; null before the first. Ten a second: components take their part of it by {@link useView}. */
export const snapshot = signal<Snapshot | null>(null);
/** Whether snapshots come. */
export const connection = signal<Connection>({ kind: 'connecting' });
/** Newest first. */
export const log = signal<readonly LogEntry[]>([]);
/** The gaps that clients see, with the moment when they were read. */
export const readings = signal(noReadings);
/** The newest run. The object changes with the run alone. */
export const lastRun = signal<RunView | null>(null);
/** Null until the server has answered. */
export const faults = signal<readonly FaultView[] | null>(null);
/** Newest first; null until the server has answered. */
export const runs = signal<readonly RunView[] | null>(null);
/** Null until the server has answered. */
export const timelines = signal<readonly TimelineView[] | null>(null);

/** The highest timeline of any member; null where none is known. */
export const timeline = computed(() =>
  (snapshot.value?.members ?? []).reduce<number | null>(
    (highest, member) => (member.timeline === null ? highest : Math.max(highest ?? 0, member.timeline)),
    null,
  ),
);

/** Who leads: says so of itself, and can be reached. Null where nobody does. */
export const leader = computed(
  () => snapshot.value?.members.find(({ role, reachable }) => reachable && role === 'leader')?.name ?? null,
);

/**
 * A part of the snapshot. It keeps its identity while its content is the same, so that a component that reads it is drawn again
 * only when there is something new.
 */
export function useView<T>(pick: (snapshot: Snapshot) => T, before: T): ReadonlySignal<T> {
  const keep = useMemo(() => keepWhileEqual<T>(), []);
  return useComputed(() => keep(snapshot.value === null ? before : pick(snapshot.value)));
}

/** A text made of the snapshot. As a child or an attribute it changes the page without drawing the component again. */
export function useText(pick: (snapshot: Snapshot) => string, before = ''): ReadonlySignal<string> {
  return useComputed(() => (snapshot.value === null ? before : pick(snapshot.value)));
}

function keepWhileEqual<T>(): (next: T) => T {
  let kept: { readonly value: T; readonly text: string | undefined } | undefined;
  return (next) => {
    const text = JSON.stringify(next) as string | undefined;
    if (kept === undefined || kept.text !== text) kept = { value: next, text };
    return kept.value;
  };
}

/** Listens to the server for as long as the page is open. */
export function start(): void {
  listen({
    snapshot: accept,
    log: (entry) => {
      log.value = withEntry(log.peek(), entry);
    },
    connection: (event) => {
      const before = connection.peek();
      connection.value = nextConnection(before, event, Date.now());
      // The server may be another one than before, with other parts switched on.
      if (connection.peek().kind === 'live' && before.kind !== 'live') refreshAll();
    },
  });
}

function accept(next: Snapshot): void {
  const timelineBefore = timeline.peek();
  batch(() => {
    snapshot.value = next;
    readings.value = nextReadings(readings.peek(), next, performance.now());
  });
  if (next.lastRun?.id !== lastRun.peek()?.id) {
    lastRun.value = next.lastRun;
    refreshAll();
  } else if (timeline.peek() !== timelineBefore) {
    void refresh('/api/timelines', timelines);
  }
}

function refreshAll(): void {
  void refresh('/api/faults', faults);
  void refresh('/api/runs', runs);
  void refresh('/api/timelines', timelines);
}

/** Without an answer what was known stays: the connection's state says that something is wrong. */
async function refresh<Path extends keyof Answers>(path: Path, into: Signal<Answers[Path] | null>): Promise<void> {
  into.value = await ask(path).catch(() => into.peek());
}
