import { Injectable } from '@nestjs/common';
import { claimsAfterWriting, type Claims } from './consistency.token.js';
import { LineageService } from './lineage.service.js';
import type { Position, Replayed } from './position.js';
import type { ReadConsistency } from './read-consistency.header.js';
import { requestStore } from './request.store.js';
import type { Served } from './served.js';

/** Where the data of one read came from, and between which positions it lies. */
export interface Proof {
  readonly systemId: bigint;
  /** No row shows anything above it. */
  readonly seen: Position | undefined;
  /** The rows show all of it; undefined when that cannot be said. */
  readonly replayed: Replayed | undefined;
  readonly served: Served;
}

interface RequestStore {
  consistency?: ReadConsistency;
  claims?: Claims | undefined;
  answered?: Claims | undefined;
  served?: Served;
  proofs?: Proof[];
}

const outsideRequest: ReadConsistency = { mode: 'eventual' };

/** What one HTTP request asks for and has learned so far, reachable below the handler without passing it along. */
@Injectable()
export class RequestContext {
  constructor(private readonly lineage: LineageService) {}

  /** Runs the handling of a request whose headers say this. */
  run<T>(consistency: ReadConsistency, claims: Claims | undefined, handle: () => T): T {
    const store: RequestStore = { consistency, claims };
    return requestStore.run(store, handle);
  }

  /** What the client asked for; `eventual` outside a request. */
  get consistency(): ReadConsistency {
    return this.store?.consistency ?? outsideRequest;
  }

  /** What the client has seen: its tokens, and what this request has added. */
  get claims(): Claims | undefined {
    return this.store?.claims;
  }

  /** What the answer has to carry as `Consistency-Token`; undefined when this request learned nothing. */
  get answered(): Claims | undefined {
    return this.store?.answered;
  }

  /** Who answered last; the source of the `Served-By` header, and the node to stay with. */
  get served(): Served | undefined {
    return this.store?.served;
  }

  /** A write was committed: it adds to what the client had seen. Waits for nobody: what is not known stays unjudged. */
  wrote(systemId: bigint, position: Position, served: Served): Claims {
    const claims = claimsAfterWriting(this.claims, systemId, position, this.lineage.known);
    // For the session's next write.
    if (claims.positions.length > 1) this.lineage.upTo(position.timeline).catch(() => undefined);
    this.read(claims, served);
    return claims;
  }

  /** A read verified all claims on its node and saw `seen`; undefined for one that did not ask what it saw. */
  read(seen: Claims | undefined, served: Served): void {
    const { store } = this;
    if (store === undefined) return;
    store.served = served;
    if (seen === undefined) return;
    store.claims = seen;
    store.answered = seen;
  }

  /** Asks the reads of this request to prove what they are at least as new as, so that its answer can be kept. */
  demandProof(): void {
    if (this.store !== undefined) this.store.proofs = [];
  }

  get wantsProof(): boolean {
    return this.store?.proofs !== undefined;
  }

  /** One for each read since {@link demandProof}. */
  get proofs(): readonly Proof[] {
    return this.store?.proofs ?? [];
  }

  proved(proof: Proof): void {
    this.store?.proofs?.push(proof);
  }

  private get store(): RequestStore | undefined {
    return requestStore.getStore() as RequestStore | undefined;
  }
}
