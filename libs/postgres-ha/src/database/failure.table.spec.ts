import { describe, expect, it } from '@jest/globals';
import { QueryFailedError } from 'typeorm';
import { classifyFailure, codeOf, endsConnection, isAccessRefused } from './failure.table.js';

const withCode = (code: string) => Object.assign(new Error('failed'), { code });

describe('classifyFailure', () => {
  it.each([
    // code, while working, while committing, connection destroyed
    ['40001', 'not-committed', 'not-committed', false],
    ['40P01', 'not-committed', 'not-committed', false],
    ['55P03', 'not-committed', 'not-committed', false],
    ['57P03', 'not-committed', 'not-committed', true],
    ['53300', 'not-committed', 'not-committed', true],
    ['25006', 'not-committed', 'not-committed', true],
    ['25P03', 'not-committed', 'not-committed', true],
    ['57P05', 'not-committed', 'not-committed', true],
    ['08001', 'not-committed', 'not-committed', true],
    ['08004', 'not-committed', 'not-committed', true],
    ['ECONNREFUSED', 'not-committed', 'not-committed', true],
    ['WRONG_ROLE', 'not-committed', 'not-committed', true],
    ['57014', 'not-committed', 'unknown', false],
    ['57P01', 'not-committed', 'unknown', true],
    ['57P02', 'not-committed', 'unknown', true],
    ['08000', 'not-committed', 'unknown', true],
    ['08006', 'not-committed', 'unknown', true],
    ['08007', 'not-committed', 'unknown', true],
    ['ECONNRESET', 'not-committed', 'unknown', true],
    ['EPIPE', 'not-committed', 'unknown', true],
    ['ETIMEDOUT', 'not-committed', 'unknown', true],
    ['40003', 'unknown', 'unknown', true],
    ['23505', 'surface', 'surface', false],
    ['22P02', 'surface', 'surface', false],
    ['42601', 'surface', 'surface', false],
    ['28P01', 'surface', 'surface', false],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'surface', 'surface', false],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'surface', 'surface', false],
    ['ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', 'not-committed', 'unknown', true],
    ['53100', 'surface', 'surface', false],
    ['58030', 'surface', 'surface', false],
    ['XX000', 'surface', 'surface', false],
  ])('%s: %s while working, %s while committing', (code, working, committing, destroyConnection) => {
    expect(classifyFailure(withCode(code))).toEqual({ code, outcome: working, destroyConnection });
    expect(classifyFailure(withCode(code), 'committing')).toEqual({ code, outcome: committing, destroyConnection });
  });

  it.each([
    ['timeout exceeded when trying to connect', 'ACQUIRE_TIMEOUT', 'not-committed'],
    ['Connection terminated due to connection timeout', 'CONNECT_TIMEOUT', 'not-committed'],
    ['Driver not Connected', 'NOT_CONNECTED', 'not-committed'],
    ['Connection terminated unexpectedly', 'CONNECTION_TERMINATED', 'unknown'],
    ['Client has encountered a connection error and is not queryable', 'CONNECTION_TERMINATED', 'unknown'],
    ['Query runner already released. Cannot run queries anymore.', 'CONNECTION_TERMINATED', 'unknown'],
    ['Query read timeout', 'READ_TIMEOUT', 'unknown'],
    ['something else', 'UNKNOWN', 'surface'],
  ])('names the message without a code %p', (message, code, committing) => {
    expect(classifyFailure(new Error(message), 'committing')).toMatchObject({ code, outcome: committing });
  });

  it("takes the code from the driver's error inside TypeORM's", () => {
    const error = new QueryFailedError('INSERT', [], withCode('57P01'));
    expect(classifyFailure(error, 'committing').outcome).toBe('unknown');
    expect(codeOf(new QueryFailedError('COMMIT', [], new Error('Connection terminated unexpectedly')))).toBe(
      'CONNECTION_TERMINATED',
    );
  });

  it("classifies a thrown value that is no Error as the caller's own", () => {
    expect(classifyFailure('boom')).toEqual({ code: 'UNKNOWN', outcome: 'surface', destroyConnection: false });
  });
});

describe('isAccessRefused', () => {
  it.each([
    ['28P01', true],
    ['28000', true],
    ['3D000', true],
    ['42501', true],
    ['SELF_SIGNED_CERT_IN_CHAIN', true],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', true],
    ['CERT_HAS_EXPIRED', true],
    ['ERR_TLS_CERT_ALTNAME_INVALID', true],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', true],
    [codeOf(new Error('The server does not support SSL connections')), true],
    ['ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', false],
    ['42601', false],
    ['53300', false],
    ['ECONNREFUSED', false],
    ['UNKNOWN', false],
  ])('%s: %s', (code, expected) => expect(isAccessRefused(code)).toBe(expected));
});

describe('endsConnection', () => {
  it.each([
    ['25006', true],
    ['57P01', true],
    ['08P01', true],
    ['40001', false],
    ['23505', false],
  ])('%s: %s', (sqlState, expected) => expect(endsConnection(sqlState)).toBe(expected));
});
