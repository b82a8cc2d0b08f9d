import { describe, expect, it } from '@jest/globals';
import { catalogue, faultsNamed, UnknownScenarioError } from './catalogue.js';

const names = (faults: readonly { name: string }[]) => faults.map(({ name }) => name);

describe('The catalogue', () => {
  it('has each fault under a name of its own', () => {
    expect(new Set(names(catalogue)).size).toBe(catalogue.length);
    expect(catalogue).toHaveLength(33);
  });

  it('gives each fault that was asked for once, in the order of the names', () => {
    expect(names(faultsNamed(['zombie', 'switchover', 'zombie']))).toEqual(['zombie', 'switchover']);
  });

  it('knows the groups all and quick', () => {
    expect(faultsNamed(['all'])).toEqual(catalogue);
    expect(names(faultsNamed(['quick']))).toEqual(names(catalogue.filter(({ quick }) => quick)));
  });

  it('refuses a name that it does not know', () => {
    expect(() => faultsNamed(['switchover', 'nonsense'])).toThrow(UnknownScenarioError);
  });
});
