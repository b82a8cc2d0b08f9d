import type { Client } from 'pg';

/** Rows added to each table. */
export type Added = Record<'customers' | 'products' | 'orders' | 'albums' | 'songs', number>;

const handful = {
  customers: [
    { name: 'Ada Lovelace', email: 'ada@example.com' },
    { name: 'Grace Hopper', email: 'grace@example.com' },
    { name: 'Edgar Codd', email: 'edgar@example.com' },
  ],
  products: [
    { name: 'Laptop', price: 999.99 },
    { name: 'Keyboard', price: 49.5 },
    { name: 'Headphones', price: 120 },
    { name: 'Cable', price: 4.99 },
  ],
  orders: [
    { email: 'ada@example.com', product: 'Laptop', quantity: 1, orderDate: '2026-01-05T09:00:00Z' },
    { email: 'ada@example.com', product: 'Cable', quantity: 3, orderDate: '2026-01-05T09:01:00Z' },
    { email: 'grace@example.com', product: 'Keyboard', quantity: 2, orderDate: '2026-02-10T14:30:00Z' },
    { email: 'edgar@example.com', product: 'Headphones', quantity: 1, orderDate: '2026-03-20T18:45:00Z' },
  ],
  albums: [
    {
      title: 'Consensus',
      artist: 'The Quorum',
      songs: [
        { title: 'Leader of the Pack', seconds: 201 },
        { title: 'Lease Me Be', seconds: 187 },
        { title: 'Two Out of Three', seconds: 325 },
      ],
    },
    {
      title: 'Write Ahead',
      artist: 'Standby',
      songs: [
        { title: 'Replay It Again', seconds: 244 },
        { title: 'Timeline 2', seconds: 198 },
      ],
    },
  ],
};

/** Each statement adds the rows that its table lacks. Rows are recognized by name, title or address. */
const statements: Readonly<Record<keyof Added, string>> = {
  customers: `
    INSERT INTO customers (name, email)
    SELECT name, email FROM json_to_recordset($1::json -> 'customers') AS new (name text, email text)
    ON CONFLICT (lower(email)) DO NOTHING`,
  products: `
    INSERT INTO products (name, price)
    SELECT name, price FROM json_to_recordset($1::json -> 'products') AS new (name text, price numeric)
    WHERE NOT EXISTS (SELECT FROM products AS p WHERE p.name = new.name)`,
  orders: `
    INSERT INTO orders (customer_id, product_id, quantity, order_date)
    SELECT c.id, (SELECT min(id) FROM products WHERE name = new.product), new.quantity, new."orderDate"
    FROM json_to_recordset($1::json -> 'orders')
      AS new (email text, product text, quantity integer, "orderDate" timestamptz)
    JOIN customers AS c ON lower(c.email) = new.email
    WHERE NOT EXISTS (SELECT FROM orders AS o WHERE o.customer_id = c.id AND o.order_date = new."orderDate")`,
  albums: `
    INSERT INTO albums (title, artist)
    SELECT title, artist FROM json_to_recordset($1::json -> 'albums') AS new (title text, artist text)
    WHERE NOT EXISTS (SELECT FROM albums AS a WHERE (a.title, a.artist) = (new.title, new.artist))`,
  songs: `
    INSERT INTO songs (album_id, position, title, duration_seconds)
    SELECT a.id, song.position, song.value ->> 'title', (song.value ->> 'seconds')::integer
    FROM json_to_recordset($1::json -> 'albums') AS new (title text, artist text, songs json)
    JOIN albums AS a ON (a.title, a.artist) = (new.title, new.artist)
    CROSS JOIN json_array_elements(new.songs) WITH ORDINALITY AS song (value, position)
    WHERE NOT EXISTS (SELECT FROM songs AS s WHERE s.album_id = a.id)`,
};

/** Adds the missing rows of the handful in one transaction. */
export async function addHandful(client: Client): Promise<Added> {
  const added: Added = { customers: 0, products: 0, orders: 0, albums: 0, songs: 0 };
  await client.query('BEGIN');
  for (const table of Object.keys(statements) as (keyof Added)[]) {
    added[table] = (await client.query(statements[table], [JSON.stringify(handful)])).rowCount ?? 0;
  }
  await client.query('COMMIT');
  return added;
}
