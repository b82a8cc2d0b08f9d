import { Injectable } from '@nestjs/common';
import type { Claims } from '../consistency/consistency.token.js';
import { LineageService } from '../consistency/lineage.service.js';
import type { Position } from '../consistency/position.js';
import type { ReadConsistency } from '../consistency/read-consistency.header.js';
import type { Proof } from '../consistency/reads.js';
import type { Served } from '../consistency/served.js';
import { requestStore } from './request.store.js';

interface RequestStore {
  consistency?: ReadConsistency;
  claims?: Claims | undefined;
  answered?: Claims | undefined;
  served?: Served;
  proofs?: Proof[];
}

const outsideRequest: ReadConsistency = { mode: 'eventual' };

/** What an HTTP request asks for and has learned so far. Code below the handler reaches it without having it passed along. */
@Injectable()
export class RequestContext {
  constructor(private readonly lineage: LineageService) {}

  /** Handles a request whose headers ask for this consistency and carry these claims. */
  run<T>(consistency: ReadConsistency, claims: Claims | undefined, handle: () => T): T {
    const store: RequestStore = { consistency, claims };
    return requestStore.run(store, handle);
  }

  /** What the client asked for; `eventual` outside a request. */
  get consistency(): ReadConsistency {
    return this.store?.consistency ?? outsideRequest;
  }

  /** What the client has seen: what its tokens say, and what this request has added. */
  get claims(): Claims | undefined {
    return this.store?.claims;
  }

  /** What the answer carries as `Consistency-Token`; undefined when this request has learned nothing. */
  get answered(): Claims | undefined {
    return this.store?.answered;
  }

  /** Who answered last: the value of the `Served-By` header, and the member that further reads prefer. */
  get served(): Served | undefined {
    return this.store?.served;
  }

  /** Adds a committed write to what the client has seen. Waits for no history: the next read judges what is not known yet. */
  wrote(systemId: bigint, position: Position, served: Served): Claims {
    const claims = this.lineage.claimsAfterWriting(this.claims, systemId, position);
    this.read(claims, served);
    return claims;
  }

  /** Records a read that found all claims held. `seen` is undefined when the read did not ask what its data shows. */
  read(seen: Claims | undefined, served: Served): void {
    const { store } = this;
    if (store === undefined) return;
    store.served = served;
    if (seen === undefined) return;
    store.claims = seen;
    store.answered = seen;
  }

  /** Asks the reads of this request to prove how new their data is, so that a cache can keep the answer. */
  demandProof(): void {
    if (this.store !== undefined) this.store.proofs = [];
  }

  /** Whether {@link demandProof} was called. */
  get wantsProof(): boolean {
    return this.store?.proofs !== undefined;
  }

  /** One for each read since {@link demandProof}. */
  get proofs(): readonly Proof[] {
    return this.store?.proofs ?? [];
  }

  /** Records the proof of a read, if any is demanded. */
  proved(proof: Proof): void {
    this.store?.proofs?.push(proof);
  }

  private get store(): RequestStore | undefined {
    return requestStore.getStore() as RequestStore | undefined;
  }
}
