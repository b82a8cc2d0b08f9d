import { describe, expect, it } from '@jest/globals';
import { memberUrls } from './member.urls.js';
import { clusterSchema } from './patroni.schema.js';

const configured = ['http://patroni1:8008', 'http://patroni2:8008'];
const member = (name: string, api_url?: string) => ({ name, role: 'replica', state: 'streaming', api_url });

describe('memberUrls', () => {
  it.each([
    ['a member that is configured', 'http://patroni1:8008/patroni', configured],
    ['a member that was added', 'http://patroni4:8008/patroni', [...configured, 'http://patroni4:8008']],
    ['a member that advertises nothing', undefined, configured],
    ['a member that advertises nonsense', 'nowhere', configured],
    ['a member that advertises another protocol', 'file:///etc/passwd', configured],
  ])('%s', (_, url, expected) => {
    expect(memberUrls(configured, clusterSchema.parse({ members: [member('m', url)] }))).toEqual(expected);
  });

  it('forgets a member that has gone', () => {
    expect(memberUrls(configured, clusterSchema.parse({ members: [] }))).toEqual(configured);
  });
});
