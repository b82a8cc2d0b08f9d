import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Product } from './product.entity.js';
import { ProductsController } from './products.controller.js';
import { ProductsService } from './products.service.js';
import { ReadYourWritesDemo } from './read-your-writes.demo.js';

@Module({
  imports: [TypeOrmModule.forFeature([Product], 'write'), TypeOrmModule.forFeature([Product], 'read')],
  controllers: [ProductsController],
  providers: [ProductsService, ReadYourWritesDemo],
})
export class ProductsModule {}
