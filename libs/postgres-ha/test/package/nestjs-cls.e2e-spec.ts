import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DecoratedApplication } from '../support/decorated.application.js';
import { NotesOnServers } from '../support/notes.js';

/** A Nest application with @Transactional() of @nestjs-cls/transactional, and the packed library under it. */
const setupBoundMs = 120_000;

let notes: NotesOnServers;
let application: DecoratedApplication;

beforeAll(async () => {
  notes = await NotesOnServers.start('nestjs-cls');
  application = await DecoratedApplication.start(notes.ports, notes.password);
}, setupBoundMs);

afterAll(async () => {
  await application?.stop();
  await notes?.remove();
}, setupBoundMs);

beforeEach(() => notes.forget());

describe('@Transactional() of @nestjs-cls/transactional', () => {
  it('commits once, and returns the entity and a token, when the answer to COMMIT is swallowed', async () => {
    const said = await notes.swallowing(() => application.call('write', 'by a decorated method'));
    expect(said).toMatchObject({ isNote: true, hasToken: true, value: { text: 'by a decorated method' } });
    expect(await notes.written()).toEqual(['by a decorated method']);
  });

  it('joins the transaction of its caller, and rolls all of it back when it throws', async () => {
    await application.call('writeBoth', 'first', 'second');
    expect(await application.call('writeBoth', 'third', '')).toMatchObject({
      error: { message: 'refused by the code' },
    });
    expect(await notes.written()).toEqual(['first', 'second']);
  });

  it('rolls a nested method back to its savepoint', async () => {
    await application.call('writeAndFailNested', 'outer', 'nested');
    expect(await notes.written()).toEqual(['outer']);
  });

  it('refuses RequiresNew inside a transaction, and takes it outside of one', async () => {
    const refused = await application.call('writeAndApart', 'outer', 'apart');
    expect(refused.error?.name).toBe('UnsupportedTransactionError');
    await application.call('writeApart', 'on its own');
    expect(await notes.written()).toEqual(['on its own']);
  });

  it('has the isolation that its decorator names', async () => {
    expect((await application.call('isolation')).value).toBe('serializable');
  });

  it('returns under a key that was committed before what was returned then, as JSON', async () => {
    const first = await application.call('writeUnder', 'order-1', 'under a key');
    const again = await application.call('writeUnder', 'order-1', 'under a key');
    expect([first.isNote, again.isNote]).toEqual([true, false]);
    expect(again.value).toEqual(first.value);
    expect(await notes.written()).toEqual(['under a key']);
  });

  it('asks the leader outside of a transaction', async () => {
    await application.call('write', 'counted');
    expect((await application.call('count')).value).toBe(1);
  });
});
