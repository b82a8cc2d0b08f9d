import { types } from 'node:util';

/**
 * Jest runs tests in a VM context with an `Error` of its own, so an error that Node itself made (`ECONNREFUSED`) is no
 * `instanceof Error` here, although it is in the real process. This makes `instanceof Error` mean the same in both.
 */
const ordinary = Function.prototype[Symbol.hasInstance];

Object.defineProperty(Error, Symbol.hasInstance, {
  // Subclasses inherit this: for them nothing changes.
  value(this: unknown, value: unknown): boolean {
    return (this === Error && types.isNativeError(value)) || Boolean(ordinary.call(this, value));
  },
});
