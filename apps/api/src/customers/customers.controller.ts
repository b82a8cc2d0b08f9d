import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { pageQuerySchema, type PageQuery } from '../pagination/page.schema.js';
import { idParamsSchema, type IdParams } from '../problem-details/request.schema.js';
import { customerDtoSchema, customerPageDtoSchema } from './customer.dto.js';
import { customerSchema, type CustomerInput } from './customer.schema.js';
import { CustomersService } from './customers.service.js';

@ApiTags('customers')
@Controller('customers')
export class CustomersController {
  constructor(private readonly customers: CustomersService) {}

  @Post()
  @ApiOperation({ summary: 'Create a customer; each email address once.' })
  @ApiCreatedResponse({ standardSchema: customerDtoSchema })
  create(@Body({ schema: customerSchema }) input: CustomerInput) {
    return this.customers.create(input);
  }

  @Get()
  @ApiOperation({ summary: 'List customers by id, a page at a time.' })
  @ApiOkResponse({ standardSchema: customerPageDtoSchema })
  list(@Query({ schema: pageQuerySchema }) query: PageQuery) {
    return this.customers.list(query);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Get one customer.' })
  @ApiOkResponse({ standardSchema: customerDtoSchema })
  get(@Param({ schema: idParamsSchema }) { id }: IdParams) {
    return this.customers.get(id);
  }
}
