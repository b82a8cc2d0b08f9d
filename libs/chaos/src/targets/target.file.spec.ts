import { describe, expect, it } from '@jest/globals';
import { parseTarget, TargetFileError } from './target.file.js';
import { targetJsonSchema } from './target.schema.js';

const least = `version: 1
name: shop
sql:
  write: postgresql://auditor@db.example:5000/shop
faults: {}
`;
const fault = (lines: string) => least.replace('faults: {}\n', `faults:\n  kill:\n    description: x\n${lines}`);

function problemsOf(text: string): string[] {
  try {
    parseTarget('judge.yml', text);
    return [];
  } catch (error) {
    if (!(error instanceof TargetFileError)) throw error;
    return error.message.split('\n');
  }
}

describe('A target file', () => {
  it('needs no more than a name and where writes go', () => {
    expect(parseTarget('judge.yml', least)).toMatchObject({
      name: 'shop',
      sql: { write: { host: 'db.example', port: 5000, user: 'auditor', database: 'shop', tls: { mode: 'disable' } } },
      faults: {},
    });
  });

  it('may be JSON', () => {
    const json = JSON.stringify({ ...parseTarget('judge.yml', least), sql: { write: 'postgresql://a@b/c' } });
    expect(parseTarget('judge.json', json).sql.write).toMatchObject({ host: 'b', port: 5432 });
  });

  it('takes TLS from the URL, as libpq spells it', () => {
    const url = 'postgresql://a%40b@[::1]:5/c?sslmode=verify-full&sslrootcert=ca.pem';
    expect(parseTarget('judge.yml', least.replace(/postgresql:.*/, url)).sql.write).toEqual({
      host: '::1',
      port: 5,
      user: 'a@b',
      database: 'c',
      tls: { mode: 'verify-full', ca: 'ca.pem' },
    });
  });

  it('reads lengths of time in ms, and has a default for each', () => {
    const { faults } = parseTarget('judge.yml', fault('    inject: [[kill]]\n    heal: []\n    hold: 2m\n'));
    expect(faults['kill']).toMatchObject({ hold: 120_000, timeout: 60_000, failoverWithin: 120_000, expects: {} });
  });

  it.each<[string, string, string]>([
    [
      'with a password',
      least.replace('auditor@', 'auditor:secret@'),
      'judge.yml, line 4: sql.write: a password does not belong',
    ],
    [
      'of another database',
      least.replace('postgresql:', 'mysql:'),
      'judge.yml, line 4: sql.write: not a URL of one server',
    ],
    [
      'of two servers',
      least.replace('db.example:5000', 'a:1,b:2'),
      'judge.yml, line 4: sql.write: not a URL of one server',
    ],
    [
      'with an unknown parameter',
      least.replace('/shop', '/shop?pool=1'),
      'judge.yml, line 4: sql.write: pool is not known',
    ],
    ['without a user', least.replace('auditor@', ''), 'judge.yml, line 4: sql.write: user: '],
    ['without sql', least.replace(/sql:\n.*\n/, ''), 'judge.yml, line 1: sql: is missing'],
    ['with an unknown field', `${least}patronis: []\n`, 'judge.yml, line 6: patronis: is not known here'],
    ['that is no YAML', `${least}a: [\n`, 'judge.yml, line 7: Flow sequence'],
    [
      'with words where commands are',
      fault('    inject: [reboot]\n    heal: []\n'),
      'judge.yml, line 8: faults.kill.inject.0: one word',
    ],
    [
      'with a time without a unit',
      fault('    inject: [[x]]\n    heal: []\n    hold: 5\n'),
      'judge.yml, line 10: faults.kill.hold: ',
    ],
    [
      'that names a member which nobody knows',
      fault(`    inject: [[kill, '{leader}']]\n    heal: []\n`),
      'judge.yml, line 7: faults.kill: {leader} is not known without patroni or members',
    ],
    [
      'the same in a line for sh',
      fault('    inject: [[x]]\n    heal: [start "$LEADER"]\n'),
      'judge.yml, line 7: faults.kill: $LEADER is not known',
    ],
    [
      'with a bound of HTTP and no HTTP',
      fault('    inject: [[x]]\n    heal: []\n    expects: { httpFailed: { max: 0 } }\n'),
      'judge.yml, line 10: faults.kill.expects.httpFailed: is not measured: without http',
    ],
    [
      'with a bound of members and none',
      fault('    inject: [[x]]\n    heal: []\n    expects: { divergentRows: { max: 0 } }\n'),
      'judge.yml, line 10: faults.kill.expects.divergentRows: is not measured: without members',
    ],
  ])('%s is refused, with its line', (_, text, problem) => {
    expect(problemsOf(text)).toEqual([expect.stringContaining(problem)]);
  });

  it('says everything that is wrong at once', () => {
    expect(problemsOf(least.replace('version: 1', 'version: 2').replace('shop\n', 'My Shop\n'))).toHaveLength(2);
  });

  it('has a JSON Schema for editors', () => {
    expect(targetJsonSchema()).toMatchObject({ type: 'object', required: ['version', 'name', 'sql', 'faults'] });
  });
});
