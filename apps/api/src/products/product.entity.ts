import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn, UpdateDateColumn } from 'typeorm';
import { ProblemError } from '../problem-details/problem.error.js';
import { productSchema, type ProductInput } from './product.schema.js';

/** PostgreSQL sends numeric(12,2) as text. Below 10^10 a double keeps the two decimals. */
const priceTransformer = { to: (price: number) => price.toFixed(2), from: (price: string) => Number(price) };

/** A product. Only its methods create and change it, so that no invalid product can exist. */
@Entity('products')
export class Product {
  @PrimaryGeneratedColumn('identity', { type: 'integer' })
  readonly id!: number;

  @Column({ type: 'text', name: 'name' })
  private nameValue!: string;

  @Column({ type: 'numeric', precision: 12, scale: 2, name: 'price', transformer: priceTransformer })
  private priceValue!: number;

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  readonly createdAt!: Date;

  @UpdateDateColumn({ type: 'timestamptz', name: 'updated_at' })
  readonly updatedAt!: Date;

  private constructor() {}

  /** @throws ProblemError `validation_failed` */
  static create(input: ProductInput): Product {
    return new Product().change(input);
  }

  get name(): string {
    return this.nameValue;
  }

  get price(): number {
    return this.priceValue;
  }

  /** @throws ProblemError `validation_failed`; the product is then as it was. */
  change(input: ProductInput): this {
    const { success, data, error } = productSchema.safeParse(input);
    if (!success) throw new ProblemError('validation_failed', { cause: error });
    this.nameValue = data.name;
    this.priceValue = data.price;
    return this;
  }
}
