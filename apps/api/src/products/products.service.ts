import { Injectable } from '@nestjs/common';
import { MoreThan, type EntityManager } from 'typeorm';
import { created, noContent, ok } from '../../../../libs/postgres-ha/src/index.js';
import { ReadFacade, WriteFacade } from '../../../../libs/postgres-ha/src/nest/index.js';
import { toPage } from '../pagination/page.dto.js';
import type { PageQuery } from '../pagination/page.schema.js';
import { notFound } from '../problem-details/not-found.js';
import { toProductDto, toProductItem, type ProductView } from './product.dto.js';
import { Product } from './product.entity.js';
import type { ProductInput } from './product.schema.js';

const columns = 'id, name, price::float8 AS price, created_at AS "createdAt", updated_at AS "updatedAt"';

/** The most frequent read and the most frequent write are plain SQL: through an entity they would cost twice as much. */
const productById = {
  name: 'product-by-id',
  text: `SELECT ${columns} FROM products WHERE id = $1`,
};

const insertProduct = `INSERT INTO products (name, price) VALUES ($1, $2) RETURNING ${columns}`;

@Injectable()
export class ProductsService {
  constructor(
    private readonly reads: ReadFacade,
    private readonly writes: WriteFacade,
  ) {}

  async create(input: ProductInput) {
    const { body } = await this.writes.run(async (manager, served) => {
      const [product] = await manager.query<[ProductView]>(insertProduct, [input.name, input.price]);
      return created(`/products/${product.id}`, toProductDto(product, served));
    });
    return body;
  }

  async list({ limit, after }: PageQuery) {
    const { value, served } = await this.reads.run((manager) =>
      manager.find(Product, {
        where: after === undefined ? {} : { id: MoreThan(after) },
        order: { id: 'ASC' },
        take: limit + 1,
      }),
    );
    return toPage(value, limit, toProductItem, served);
  }

  async get(id: number) {
    const { value, served } = await this.reads.query<ProductView>({ ...productById, values: [id] });
    return toProductDto(value[0] ?? notFound('product', id), served);
  }

  async update(id: number, input: ProductInput) {
    const { body } = await this.writes.run(async (manager, served) => {
      const product = await find(manager, id);
      return ok(toProductDto(await manager.save(product.change(input)), served));
    });
    return body;
  }

  async remove(id: number): Promise<void> {
    await this.writes.run(async (manager) => {
      await manager.remove(await find(manager, id));
      return noContent;
    });
  }
}

async function find(manager: EntityManager, id: number): Promise<Product> {
  const product = await manager.findOneBy(Product, { id });
  return product ?? notFound('product', id);
}
