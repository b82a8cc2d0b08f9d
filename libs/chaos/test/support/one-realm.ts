import { types } from 'node:util';

/**
 * Jest runs tests in a VM context that has its own `Error`. An error made by Node (`ECONNREFUSED`) is not `instanceof Error`
 * there, although it is in a real process. This module makes it one in both.
 */
const ordinary = Function.prototype[Symbol.hasInstance];

Object.defineProperty(Error, Symbol.hasInstance, {
  // Subclasses inherit this function; for them it behaves as before.
  value(this: unknown, value: unknown): boolean {
    return (this === Error && types.isNativeError(value)) || Boolean(ordinary.call(this, value));
  },
});
