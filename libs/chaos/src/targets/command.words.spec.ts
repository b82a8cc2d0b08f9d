import { describe, expect, it } from '@jest/globals';
import { namesIn, readyCommand, shownCommand, type Command } from './command.words.js';

const members = { leader: 'pg-a', replica: 'pg-b', replicas: 'pg-b pg-c' };
const environment = { LEADER: 'pg-a', REPLICA: 'pg-b', REPLICAS: 'pg-b pg-c' };

describe('A command', () => {
  it.each<[string, Command, { program: string; arguments: string[] }]>([
    [
      'has names of members in its arguments',
      ['docker', 'kill', '{leader}', 'x-{replica}'],
      { program: 'docker', arguments: ['kill', 'pg-a', 'x-pg-b'] },
    ],
    [
      'keeps braces of other programs',
      ['kubectl', 'get', '-o', 'jsonpath={.items}', '{{.State}}'],
      { program: 'kubectl', arguments: ['get', '-o', 'jsonpath={.items}', '{{.State}}'] },
    ],
    [
      'is one line for sh, which stops at the first error',
      'docker kill "$LEADER"',
      { program: 'sh', arguments: ['-euc', 'docker kill "$LEADER"'] },
    ],
  ])('%s', (_, command, ready) => {
    expect(readyCommand(command, members)).toEqual({ ...ready, environment });
  });

  it('never lets a name of a member become a command of the shell', () => {
    const evil = { ...members, leader: '$(reboot)' };
    expect(readyCommand('docker kill "$LEADER"', evil)).toMatchObject({ arguments: ['-euc', 'docker kill "$LEADER"'] });
  });

  it.each<[Command, string[]]>([
    [['docker', 'kill', '{leader}'], ['{leader}']],
    ['for r in $REPLICAS; do x; done; echo ${LEADER}', ['$REPLICAS', '$LEADER']],
    ['echo $LEADERS {leader}', []],
    [['echo', '$LEADER'], []],
  ])('%j asks for %j', (command, names) => expect(namesIn(command)).toEqual(names));

  it('is shown as a person would type it', () => {
    expect(shownCommand(['psql', '-c', `SELECT 'x'`])).toBe(`psql -c 'SELECT '\\''x'\\'''`);
  });
});
