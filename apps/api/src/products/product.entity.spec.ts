import { describe, expect, it } from '@jest/globals';
import { Product } from './product.entity.js';

describe('Product', () => {
  it('is made of a valid name and price', () => {
    expect(Product.create({ name: '  Laptop ', price: 999.99 })).toMatchObject({ name: 'Laptop', price: 999.99 });
  });

  it.each([
    ['an empty name', { name: ' ', price: 1 }],
    ['a name of 201 characters', { name: 'x'.repeat(201), price: 1 }],
    ['a name with NUL', { name: 'a\0b', price: 1 }],
    ['a negative price', { name: 'a', price: -0.01 }],
    ['three decimals', { name: 'a', price: 1.005 }],
    ['a price that is no number', { name: 'a', price: Number.NaN }],
    ['a price beyond numeric(12,2)', { name: 'a', price: 1e10 }],
    ['an unknown member', { name: 'a', price: 1, colour: 'red' }],
  ])('refuses %s', (_, input) => {
    expect(() => Product.create(input)).toThrow(expect.objectContaining({ code: 'validation_failed' }));
  });

  it('stays as it was when a change is refused', () => {
    const product = Product.create({ name: 'a', price: 1 });
    expect(() => product.change({ name: 'b', price: -1 })).toThrow();
    expect(product).toMatchObject({ name: 'a', price: 1 });
  });
});
