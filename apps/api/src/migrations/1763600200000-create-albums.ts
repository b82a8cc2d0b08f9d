import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateAlbums1763600200000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE albums (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        title text NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
        artist text NOT NULL CHECK (length(artist) BETWEEN 1 AND 200),
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      )`);
    // Songs are deleted with their album. The primary key also serves as index of the foreign key.
    await queryRunner.query(`
      CREATE TABLE songs (
        album_id integer NOT NULL REFERENCES albums ON DELETE CASCADE,
        position smallint NOT NULL CHECK (position >= 1),
        title text NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
        duration_seconds integer NOT NULL CHECK (duration_seconds BETWEEN 1 AND 86400),
        PRIMARY KEY (album_id, position)
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE songs, albums');
  }
}
