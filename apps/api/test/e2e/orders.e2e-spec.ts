import { beforeAll, describe, expect, it } from '@jest/globals';
import { useApp } from '../support/app.js';
import { uniqueName } from '../../../../libs/chaos/test/support/names.js';
import { Shop } from '../support/shop.js';

const app = useApp();
const other = useApp();
const shop = new Shop(app, uniqueName('orders'));
const absentId = 2_147_483_647;
const aMinuteMs = 60_000;

let customerId: number;
let productId: number;

beforeAll(async () => {
  [customerId, productId] = [await shop.customer(), await shop.product()];
});

const order = (over: object = {}) => ({ customerId, productId, quantity: 2, ...over });
const post = (input: object, to = app) => to().http.post('/orders').send(input);

describe('An order', () => {
  it('is answered with its customer and product, and has a Location that leads to it', async () => {
    const orderDate = '2026-11-20T10:00:00.123Z';
    const response = await post(order({ orderDate })).expect(201);
    const { id } = response.body as { id: number };
    expect(response.body).toEqual({
      ...order({ orderDate }),
      id: expect.any(Number),
      customer: { id: customerId, name: shop.prefix, email: `1@${shop.prefix}.example` },
      product: { id: productId, name: shop.prefix, price: 1.5 },
      servedByNode: expect.any(String),
      servedBy: { member: expect.stringMatching(/^patroni[123]$/), role: 'leader' },
    });
    expect(response.headers['location']).toBe(`/orders/${id}`);
    const { body } = await shop.read(`/orders/${id}`).expect(200);
    expect(body).toEqual(response.body);
  });

  it('has the time of the server unless the request gives one', async () => {
    const { body } = await post(order()).expect(201);
    const { orderDate } = body as { orderDate: string };
    expect(orderDate).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(Math.abs(Date.now() - Date.parse(orderDate))).toBeLessThan(aMinuteMs);
  });

  it('has its time in whole milliseconds: finer digits are cut, in the answer and in the row', async () => {
    const response = await post(order({ orderDate: '2026-11-20T10:00:00.123999Z' })).expect(201);
    const { id, orderDate } = response.body as { id: number; orderDate: string };
    expect(orderDate).toBe('2026-11-20T10:00:00.123Z');
    expect(await shop.sql(`SELECT extract(microseconds FROM order_date)::int FROM orders WHERE id = ${id}`)).toEqual([
      '123000',
    ]);
  });

  it.each([
    ['customer', 'customerId'],
    ['product', 'productId'],
  ])('of an unknown %s is refused with 422, and the problem names that member', async (_, path) => {
    const before = await shop.orders();
    const { body } = await post(order({ [path]: absentId })).expect(422);
    expect(body).toMatchObject({ code: 'unknown_reference', errors: [{ path, message: expect.any(String) }] });
    expect(JSON.stringify(body)).not.toMatch(/foreign|constraint|fkey|INSERT/);
    expect(await shop.orders()).toBe(before);
  });

  it.each([
    ['no customer', { customerId: undefined }, ['customerId']],
    ['no quantity', { quantity: undefined }, ['quantity']],
    ['a quantity of 0', { quantity: 0 }, ['quantity']],
    ['a negative quantity', { quantity: -1 }, ['quantity']],
    ['half a quantity', { quantity: 1.5 }, ['quantity']],
    ['a quantity as text', { quantity: '1' }, ['quantity']],
    ['a quantity beyond the bound', { quantity: 1_000_001 }, ['quantity']],
    ['a quantity beyond the column', { quantity: 2_147_483_648 }, ['quantity']],
    ['a day that does not exist', { orderDate: '2026-02-30T00:00:00Z' }, ['orderDate']],
    ['a time that is not UTC', { orderDate: '2026-11-20T10:00:00+02:00' }, ['orderDate']],
    ['a date without a time', { orderDate: '2026-11-20' }, ['orderDate']],
    ['the year 0, which PostgreSQL does not have', { orderDate: '0000-01-01T00:00:00Z' }, ['orderDate']],
    ['everything wrong', { customerId: 0, productId: 'x', quantity: 0 }, ['customerId', 'productId', 'quantity']],
  ])('with %s is refused, and the problem names each wrong member', async (_, over, paths) => {
    const before = await shop.orders();
    const { body } = await post(order(over)).expect(400);
    expect(body).toMatchObject({ code: 'validation_failed' });
    expect((body as { errors: { path: string }[] }).errors.map(({ path }) => path)).toEqual(paths);
    expect(await shop.orders()).toBe(before);
  });

  it('may have the largest quantity', async () => {
    const { body } = await post(order({ quantity: 1_000_000 })).expect(201);
    expect(body).toMatchObject({ quantity: 1_000_000 });
  });

  it('that does not exist is answered with 404', async () => {
    const { body } = await app().http.get(`/orders/${absentId}`).expect(404);
    expect(body).toMatchObject({ code: 'order_not_found' });
  });
});

describe('An Idempotency-Key', () => {
  it('turns twenty requests that arrive at once on two instances into one order', async () => {
    const before = await shop.orders();
    const send = (_: unknown, index: number) =>
      post(order(), index % 2 ? app : other).set('Idempotency-Key', `${shop.prefix}-race`);
    const answers = await Promise.all(Array.from({ length: 20 }, send));
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
    const orders = answers.filter(({ status }) => status === 201).map(({ text }) => text);
    expect(new Set(orders).size).toBe(1);
    expect(await shop.orders()).toBe(before + 1);
  });

  it('repeats the refusal of an unknown reference, with the member that named it', async () => {
    const send = () => post(order({ productId: absentId })).set('Idempotency-Key', `${shop.prefix}-unknown`);
    await send().expect(422);
    const { body } = await send().expect(422);
    expect(body).toMatchObject({ code: 'unknown_reference', errors: [{ path: 'productId' }] });
  });
});

describe('A product with orders', () => {
  it('cannot be deleted: 409, and product and order are still there', async () => {
    const id = await shop.product();
    const orderId = await shop.create('/orders', order({ productId: id }));
    const { body } = await app().http.delete(`/products/${id}`).expect(409);
    expect(body).toMatchObject({ code: 'product_has_orders' });
    await shop.read(`/products/${id}`).expect(200);
    await shop.read(`/orders/${orderId}`).expect(200);
  });

  it('is either ordered or deleted when both are tried at once, never both', async () => {
    for (let round = 0; round < 10; round += 1) {
      const id = await shop.product();
      const [deleted, ...ordered] = await Promise.all([
        app().http.delete(`/products/${id}`),
        ...Array.from({ length: 4 }, () => post(order({ productId: id }))),
      ]);
      const statuses = ordered.map(({ status }) => status);
      if (deleted.status === 204) {
        expect(statuses).toEqual([422, 422, 422, 422]);
      } else {
        expect(deleted.status).toBe(409);
        expect(statuses).toContain(201);
        expect(statuses).not.toContain(500);
      }
    }
  });
});

describe('The list of orders', () => {
  it('has every order that existed before, once, in order and whole, while others are written', async () => {
    const before: number[] = [];
    for (let number = 1; number <= 10; number += 1) before.push(await shop.create('/orders', order()));
    const race = { isOver: false };
    const writing = (async () => {
      while (!race.isOver) await shop.create('/orders', order());
    })();
    const seen = await shop.walk<{ id: number; customer: object; product: object }>('/orders', Number(before[0]) - 1);
    race.isOver = true;
    await writing;
    const ids = seen.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => a - b));
    const mine = seen.filter(({ id }) => before.includes(id));
    expect(mine.map(({ id }) => id)).toEqual(before);
    expect(mine.every(({ customer, product }) => 'email' in customer && 'price' in product)).toBe(true);
  });
});
