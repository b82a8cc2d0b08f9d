import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createKeysTable } from '../../../../libs/postgres-ha/src/index.js';

export class CreateIdempotencyKeys1763600100000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of createKeysTable('public')) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE idempotency_keys');
  }
}
