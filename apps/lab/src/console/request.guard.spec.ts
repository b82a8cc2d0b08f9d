import { describe, expect, it } from '@jest/globals';
import { refusalOf, type GuardedRequest } from './request.guard.js';

const change: GuardedRequest = {
  method: 'POST',
  host: '127.0.0.1:3020',
  origin: 'http://127.0.0.1:3020',
  contentType: 'application/json',
  authorization: 'Bearer secret',
  site: 'same-origin',
};
const look: GuardedRequest = {
  method: 'GET',
  host: 'localhost:3020',
  origin: undefined,
  contentType: undefined,
  authorization: undefined,
  site: undefined,
};

describe('A request to the console', () => {
  it.each<[string, GuardedRequest]>([
    ['a look without a token', look],
    ['a look from the address bar', { ...look, site: 'none' }],
    ['a change with the token', change],
    ['a change from a program, which sends no origin', { ...change, origin: undefined }],
    ['a change with a charset', { ...change, contentType: 'application/json; charset=utf-8' }],
  ])('is answered: %s', (_case, request) => {
    expect(refusalOf(request, 3020, 'secret')).toBeUndefined();
  });

  it.each<[string, GuardedRequest, number, string]>([
    ['a look under the name of another host', { ...look, host: 'evil.example:3020' }, 421, 'HOST_REFUSED'],
    ['a look at another port', { ...look, host: '127.0.0.1:80' }, 421, 'HOST_REFUSED'],
    ['a look without a host', { ...look, host: undefined }, 421, 'HOST_REFUSED'],
    ['a look from another page', { ...look, origin: 'http://127.0.0.1:8404' }, 403, 'ORIGIN_REFUSED'],
    ['a change from a file', { ...change, origin: 'null' }, 403, 'ORIGIN_REFUSED'],
    ['a look for a picture on another page', { ...look, site: 'cross-site' }, 403, 'ORIGIN_REFUSED'],
    ['a look from another port of this machine', { ...look, site: 'same-site' }, 403, 'ORIGIN_REFUSED'],
    ['a form', { ...change, contentType: 'text/plain' }, 415, 'BODY_REFUSED'],
    ['a change without a token', { ...change, authorization: undefined }, 401, 'TOKEN_REFUSED'],
    ['a change with another token', { ...change, authorization: 'Bearer secreT' }, 401, 'TOKEN_REFUSED'],
  ])('is refused: %s', (_case, request, status, code) => {
    expect(refusalOf(request, 3020, 'secret')).toMatchObject({ status, code });
  });
});
