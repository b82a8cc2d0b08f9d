import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { pageQuerySchema, type PageQuery } from '../pagination/page.schema.js';
import { idParamsSchema, type IdParams } from '../problem-details/request.schema.js';
import { orderDtoSchema, orderPageDtoSchema } from './order.dto.js';
import { orderSchema, type OrderInput } from './order.schema.js';
import { OrdersService } from './orders.service.js';

@ApiTags('orders')
@Controller('orders')
export class OrdersController {
  constructor(private readonly orders: OrdersService) {}

  @Post()
  @ApiOperation({ summary: 'Create an order of a customer for a product.' })
  @ApiCreatedResponse({ standardSchema: orderDtoSchema })
  create(@Body({ schema: orderSchema }) input: OrderInput) {
    return this.orders.create(input);
  }

  @Get()
  @ApiOperation({ summary: 'List orders with customer and product by id, a page at a time.' })
  @ApiOkResponse({ standardSchema: orderPageDtoSchema })
  list(@Query({ schema: pageQuerySchema }) query: PageQuery) {
    return this.orders.list(query);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Get one order with its customer and product.' })
  @ApiOkResponse({ standardSchema: orderDtoSchema })
  get(@Param({ schema: idParamsSchema }) { id }: IdParams) {
    return this.orders.get(id);
  }
}
