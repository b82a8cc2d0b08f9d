import type { FinalState, MemberState } from '../history/final.state.js';
import { type Finding, Tally } from './finding.js';

/** Counts the rows in which members differ from the leader at the end. A member that could not be read counts as one row. */
export function checkDivergence({ leader, members, unreadable }: FinalState): Finding {
  const diverged = new Tally();
  for (const { member, reason } of unreadable) diverged.add(() => `${member} could not be read: ${reason}`);
  for (const member of members) {
    if (member === leader || member.member === leader.member) continue;
    compare(member, leader, 'unique', diverged);
    compare(member, leader, 'shared', diverged);
  }
  return diverged;
}

function compare(state: MemberState, leader: MemberState, rows: 'unique' | 'shared', diverged: Tally): void {
  const its = state[rows];
  for (const [key, expected] of leader[rows]) {
    const value = its.get(key);
    if (value !== expected)
      diverged.add(() => `${key}: ${value ?? 'nothing'} on ${state.member}, ${expected} on leader`);
  }
  for (const [key, value] of its) {
    if (!leader[rows].has(key)) diverged.add(() => `${key}: ${value} on ${state.member}, nothing on the leader`);
  }
}
