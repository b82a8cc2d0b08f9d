import { useLayoutEffect, useRef } from 'preact/hooks';
import { faults, lastRun, useText } from '../state/console.state.js';
import { type BreakStage, isReachedByButton } from './break.stage.js';
import { breakIt, chosen, putAside, stage } from './break.state.js';
import { FaultList, FaultTexts } from './fault.list.js';
import { PredictionForm } from './prediction.form.js';
import { RunOutcome } from './run.outcome.js';
import { RunProgress } from './run.progress.js';

const titles = {
  choose: 'Choose a fault',
  predict: 'Predict, then break it',
  on: 'It is broken: watch',
  after: 'What happened',
  elsewhere: 'The lab is in use',
} as const;

/** From the choice of a fault to its verdict. */
export function BreakPanel() {
  const heading = useRef<HTMLHeadingElement>(null);
  const before = useRef<BreakStage>(stage.value);
  const now = stage.value;
  // The button that was pressed is gone with its part of the page; the keyboard goes on where the next part begins. Before the page is
  // painted: later, the focus would be taken from whoever is quick.
  useLayoutEffect(() => {
    if (isReachedByButton(before.current, now)) heading.current?.focus({ preventScroll: now === 'on' });
    before.current = now;
  }, [now]);
  return (
    <>
      <h2 ref={heading} tabIndex={-1}>
        {titles[now]}
      </h2>
      <Stage />
    </>
  );
}

function Stage() {
  const why = useText(({ activity }) => (activity.kind === 'elsewhere' ? activity.why : ''));
  switch (stage.value) {
    case 'elsewhere':
      return <p class="warn">{why}</p>;
    case 'on':
      return <RunProgress />;
    case 'predict':
      return <Chosen name={chosen.value ?? ''} />;
    case 'after':
      return (
        <>
          {lastRun.value !== null && <RunOutcome run={lastRun.value} />}
          <button type="button" data-testid="again" onClick={putAside}>
            Break something else
          </button>
        </>
      );
    case 'choose':
      return <FaultList />;
  }
}

function Chosen({ name }: { name: string }) {
  const fault = faults.value?.find((one) => one.name === name);
  return (
    <>
      <h3>{fault?.title ?? name}</h3>
      {fault !== undefined && <FaultTexts fault={fault} />}
      <PredictionForm fault={name} onBreak={(prediction) => breakIt(name, prediction)} />
      <button
        type="button"
        class="quiet"
        onClick={() => {
          chosen.value = null;
        }}
      >
        Other faults
      </button>
    </>
  );
}
