import { Module } from '@nestjs/common';
import { PatroniClient } from './patroni.client.js';

/** The Patroni REST API, typed. */
@Module({ providers: [PatroniClient], exports: [PatroniClient] })
export class PatroniModule {}
