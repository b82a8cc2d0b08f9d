import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { pageQuerySchema, type PageQuery } from '../pagination/page.schema.js';
import { idParamsSchema, type IdParams } from '../problem-details/request.schema.js';
import { productDtoSchema, productPageDtoSchema, readYourWritesDtoSchema } from './product.dto.js';
import { productSchema, type ProductInput } from './product.schema.js';
import { ProductsService } from './products.service.js';
import { ReadYourWritesDemo } from './read-your-writes.demo.js';

@ApiTags('products')
@Controller('products')
export class ProductsController {
  constructor(
    private readonly products: ProductsService,
    private readonly demo: ReadYourWritesDemo,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Create a product on the leader.' })
  @ApiCreatedResponse({ standardSchema: productDtoSchema })
  create(@Body({ schema: productSchema }) input: ProductInput) {
    return this.products.create(input);
  }

  @Get()
  @ApiOperation({ summary: 'List products by id, a page at a time.' })
  @ApiOkResponse({ standardSchema: productPageDtoSchema })
  list(@Query({ schema: pageQuerySchema }) query: PageQuery) {
    return this.products.list(query);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Get one product.' })
  @ApiOkResponse({ standardSchema: productDtoSchema })
  get(@Param({ schema: idParamsSchema }) { id }: IdParams) {
    return this.products.get(id);
  }

  @Put(':id')
  @ApiOperation({ summary: 'Change a product.' })
  @ApiOkResponse({ standardSchema: productDtoSchema })
  update(@Param({ schema: idParamsSchema }) { id }: IdParams, @Body({ schema: productSchema }) input: ProductInput) {
    return this.products.update(id, input);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete a product that has no orders.' })
  @ApiNoContentResponse()
  remove(@Param({ schema: idParamsSchema }) { id }: IdParams) {
    return this.products.remove(id);
  }

  @Post('read-your-writes-demo')
  @ApiOperation({ summary: 'Create a product and show what each kind of read sees of it right after.' })
  @ApiCreatedResponse({ standardSchema: readYourWritesDtoSchema })
  readYourWrites(@Body({ schema: productSchema }) input: ProductInput) {
    return this.demo.run(input);
  }
}
