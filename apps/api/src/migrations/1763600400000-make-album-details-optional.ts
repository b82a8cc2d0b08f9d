import type { MigrationInterface, QueryRunner } from 'typeorm';

export class MakeAlbumDetailsOptional1763600400000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE albums ALTER COLUMN artist DROP NOT NULL');
    await queryRunner.query('ALTER TABLE songs ALTER COLUMN duration_seconds DROP NOT NULL');
  }

  /** PostgreSQL refuses this while a row has no artist or no duration. The migration invents no values for them. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE songs ALTER COLUMN duration_seconds SET NOT NULL');
    await queryRunner.query('ALTER TABLE albums ALTER COLUMN artist SET NOT NULL');
  }
}
