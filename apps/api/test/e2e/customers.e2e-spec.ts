import { describe, expect, it } from '@jest/globals';
import { useApp } from '../support/app.js';
import { uniqueName } from '../../../../libs/chaos/test/support/names.js';
import { Shop } from '../support/shop.js';

const app = useApp();
const shop = new Shop(app, uniqueName('customers'));
const name = shop.prefix;
const at = (mailbox: string) => `${mailbox}@${shop.prefix}.example`;
const post = (input: object) => app().http.post('/customers').send(input);

describe('A customer', () => {
  it('is created on the leader, with a Location that leads to it', async () => {
    const response = await post({ name: `  ${name} Ω `, email: at('Created') }).expect(201);
    const { id } = response.body as { id: number };
    expect(response.body).toEqual({
      id: expect.any(Number),
      name: `${name} Ω`,
      email: at('Created'),
      servedByNode: expect.any(String),
      servedBy: { member: expect.stringMatching(/^patroni[123]$/), role: 'leader' },
    });
    expect(response.headers['location']).toBe(`/customers/${id}`);
    const { body } = await shop.read(`/customers/${id}`).expect(200);
    expect(body).toEqual(response.body);
  });

  it.each([
    ['the same', 'twin', 'twin'],
    ['the same but for its case', 'Case', 'cASE'],
  ])('is refused with 409 when another has %s address', async (_, first, second) => {
    await post({ name, email: at(first) }).expect(201);
    const { body } = await post({ name, email: at(second) }).expect(409);
    expect(body).toMatchObject({ code: 'email_taken', status: 409 });
    expect(JSON.stringify(body)).not.toMatch(/lower|Key|constraint/);
    const stored = await shop.sql(`SELECT count(*) FROM customers WHERE lower(email) = lower('${at(first)}')`);
    expect(stored).toEqual(['1']);
  });

  it('is created once when ten requests with the same address arrive at once', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => post({ name, email: at('race') })));
    const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
    expect(statuses).toEqual([201, ...Array.from({ length: 9 }, () => 409)]);
  });

  it('is refused again under the same Idempotency-Key, even after the address has become free', async () => {
    await post({ name, email: at('freed') }).expect(201);
    const send = () => post({ name, email: at('freed') }).set('Idempotency-Key', name);
    await send().expect(409);
    await shop.sql(`DELETE FROM customers WHERE email = '${at('freed')}'`);
    const { body } = await send().expect(409);
    expect(body).toMatchObject({ code: 'email_taken' });
    await post({ name, email: at('freed') }).expect(201);
  });

  it.each([
    ['no name', { email: at('a') }, ['name']],
    ['no email', { name }, ['email']],
    ['an email that is none', { name, email: 'nobody' }, ['email']],
    ['an email with NUL', { name, email: 'a\0b@example.com' }, ['email']],
    ['an email beyond 254 characters', { name, email: `${'x'.repeat(250)}@example.com` }, ['email']],
    ['an unknown member', { name, email: at('a'), admin: true }, ['']],
  ])('of %s is refused, and named', async (_, input, paths) => {
    const { body } = await post(input).expect(400);
    expect(body).toMatchObject({ code: 'validation_failed' });
    expect((body as { errors: { path: string }[] }).errors.map(({ path }) => path)).toEqual(paths);
  });

  it('that does not exist is answered with 404', async () => {
    const { body } = await app().http.get('/customers/2147483647').expect(404);
    expect(body).toMatchObject({ code: 'customer_not_found' });
  });
});

describe('The list of customers', () => {
  it('has every customer that existed before, once and in order, while others are written', async () => {
    const before: number[] = [];
    for (let number = 1; number <= 12; number += 1) before.push(await shop.customer());
    const race = { isOver: false };
    const writing = (async () => {
      while (!race.isOver) await shop.customer();
    })();
    const seen = await shop.walk<{ id: number }>('/customers', Number(before[0]) - 1);
    race.isOver = true;
    await writing;
    const ids = seen.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => a - b));
    expect(ids.filter((id) => before.includes(id))).toEqual(before);
  });
});
