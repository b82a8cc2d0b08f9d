import { DisplayString, isValidTokenStr, serializeBareItem, serializeParameters, Token } from 'structured-headers';
import type { Node, Role } from '../database/cluster.client.js';

/**
 * Why the leader answered where a replica was wanted: every replica was behind; the proxy found no replica; the leader was
 * not heard of recently enough to prove a bound; or only the leader is certain to show the write.
 */
export type ForwardReason = 'behind' | 'no-replica' | 'staleness-unknown' | 'position-unknown';

/** Who answered: taken from the very connection that ran the query. */
export interface Served {
  readonly member: string;
  readonly address: string;
  readonly role: Role;
  readonly forwarded?: ForwardReason | undefined;
  /** The member had answered an earlier request, and this is what was kept of it. */
  readonly cached?: boolean;
}

/** Node and role of a connection as they go into an answer. */
export function servedBy(
  connection: { readonly node: Node; readonly role: Role },
  forwarded?: ForwardReason | undefined,
): Served {
  const { member, address } = connection.node;
  return { member, address, role: connection.role, forwarded };
}

/** Value of the `Served-By` header, an item of RFC 9651 in the manner of Cache-Status (RFC 9211): member; role; cache or fwd=reason. */
export function servedByHeader({ member, role, forwarded, cached }: Served): string {
  // A member may be called anything; what is no token goes as a string with escapes.
  const name = isValidTokenStr(member) ? new Token(member) : new DisplayString(member);
  const parameters = new Map<string, true | Token>([[role, true]]);
  if (cached === true) parameters.set('cache', true);
  else if (forwarded !== undefined) parameters.set('fwd', new Token(forwarded));
  return serializeBareItem(name) + serializeParameters(parameters).replaceAll(';', '; ');
}

/** The two members with which a body tells who served it. */
export function servedByFields({ member, role, address }: Served) {
  return { servedByNode: address, servedBy: { member, role } };
}
