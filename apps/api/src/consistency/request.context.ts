import { Injectable } from '@nestjs/common';
import { ClsService, type ClsStore } from 'nestjs-cls';
import type { Served } from './served.js';

interface RequestStore extends ClsStore {
  served?: Served;
}

/** What one HTTP request has learned so far, reachable below the handler without passing it along. */
@Injectable()
export class RequestContext {
  constructor(private readonly cls: ClsService<RequestStore>) {}

  /** Who answered last; the source of the `Served-By` header. */
  get served(): Served | undefined {
    return this.cls.isActive() ? this.cls.get('served') : undefined;
  }

  set served(served: Served | undefined) {
    if (this.cls.isActive()) this.cls.set('served', served);
  }
}
