import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { oldCopySeconds } from '../../../libs/cluster/src/core/backup.mjs';

const rules = readFileSync('infra/observability/prometheus/alerts.yml', 'utf8');
const tests = readFileSync('infra/observability/prometheus/alerts.test.yml', 'utf8');
/** The name of each alert and the text of its rule. */
const alerts = [...rules.matchAll(/- alert: (\w+)([\s\S]*?)(?=- alert:|$)/g)].map(([, name = '', rule = '']) => ({
  name,
  rule,
}));

/** Whether promtool is told that this alert fires, or is silent, at some moment of a test. */
function testedTo(outcome: 'fire' | 'be silent'): string[] {
  const cases = [...tests.matchAll(/alertname: (\w+)[\s\S]*?exp_alerts:\s*(\[\])?/g)];
  return cases
    .filter(([, , silent]) => (silent !== undefined) === (outcome === 'be silent'))
    .map(([, name = '']) => name);
}

describe('The alert rules', () => {
  it.each(['fire', 'be silent'] as const)('are each tested to %s', (outcome) => {
    const tested = testedTo(outcome);

    expect(alerts.length).toBeGreaterThan(20);
    expect(alerts.filter(({ name }) => !tested.includes(name)).map(({ name }) => name)).toEqual([]);
  });

  it.each(alerts.map(({ name, rule }) => [name, rule]))(
    '%s says how urgent it is, what is wrong, what to do, and where the runbook has more',
    (_, rule) => {
      expect(rule).toMatch(/severity: (page|ticket) /);
      expect(rule).toMatch(/ summary: .+/);
      expect(rule).toMatch(/ description: .+/);
      expect(rule).toMatch(/ runbook: docs\/runbook\.md#[\w-]+\n/);
    },
  );

  it('take the second copy for old when the service and the command line do', () =>
    expect(alerts.find(({ name }) => name === 'BackupCopyTooOld')?.rule).toContain(
      `pgha_backup_copy_age_seconds) > ${oldCopySeconds}\n`,
    ));

  it('name sections that the runbook has', () => {
    const headings = [...readFileSync('docs/runbook.md', 'utf8').matchAll(/^##+ (.*)$/gm)];
    // As GitHub makes them.
    const anchors = headings.map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    const named = [...rules.matchAll(/docs\/runbook\.md#([\w-]+)/g)].map(([, anchor = '']) => anchor);

    expect(named.filter((anchor) => !anchors.includes(anchor))).toEqual([]);
  });
});
