import { Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { ClsModule } from 'nestjs-cls';
import { DatabaseModule } from '../database/database.module.js';
import { ReadFacade } from './read.facade.js';
import { RequestContext } from './request.context.js';
import { ServedByInterceptor } from './served-by.interceptor.js';

/** WHICH node may answer a read. */
@Module({
  imports: [DatabaseModule, ClsModule.forRoot({ interceptor: { mount: true } })],
  providers: [ReadFacade, RequestContext, { provide: APP_INTERCEPTOR, useClass: ServedByInterceptor }],
  exports: [ReadFacade, RequestContext],
})
export class ConsistencyModule {}
