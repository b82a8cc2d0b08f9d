// A Nest application as it exists in services: its methods are decorated with @Transactional() of @nestjs-cls/transactional. Compiled and
// run by nestjs-cls.e2e-spec.ts, which calls its methods by messages.
import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ClsPluginTransactional, Propagation, Transactional, TransactionHost } from '@nestjs-cls/transactional';
import { ClsModule } from 'nestjs-cls';
import { PostgresHa } from 'postgres-ha';
import { PostgresHaTransactionalAdapter } from 'postgres-ha/adapters/nestjs-cls';
import { PostgresHaModule, RequestContext } from 'postgres-ha/nest';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity('notes')
class Note {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id!: string;

  @Column('text')
  text!: string;
}

const refusal = new Error('refused by the code');

@Injectable()
class Notes {
  constructor(private readonly host: TransactionHost<PostgresHaTransactionalAdapter>) {}

  @Transactional()
  async write(text: string): Promise<Note> {
    const { tx } = this.host;
    return tx.save(tx.create(Note, { text }));
  }

  @Transactional()
  async writeBoth(first: string, second: string): Promise<void> {
    await this.write(first);
    await this.write(second);
    if (second === '') throw refusal;
  }

  @Transactional<PostgresHaTransactionalAdapter>(Propagation.RequiresNew)
  async writeApart(text: string): Promise<void> {
    await this.host.tx.save(Note, { text });
  }

  @Transactional()
  async writeAndApart(text: string, apart: string): Promise<void> {
    await this.write(text);
    await this.writeApart(apart);
  }

  @Transactional<PostgresHaTransactionalAdapter>(Propagation.Nested)
  private async failNested(text: string): Promise<void> {
    await this.host.tx.save(Note, { text });
    throw refusal;
  }

  @Transactional()
  async writeAndFailNested(text: string, nested: string): Promise<void> {
    await this.write(text);
    await this.failNested(nested).catch(() => undefined);
  }

  @Transactional<PostgresHaTransactionalAdapter>({ isolationLevel: 'SERIALIZABLE' })
  async isolation(): Promise<string> {
    const [row] = (await this.host.tx.query('SHOW transaction_isolation')) as [{ transaction_isolation: string }];
    return row.transaction_isolation;
  }

  writeUnder(key: string, text: string): Promise<Note> {
    return this.host.withTransaction({ key }, () => this.write(text));
  }

  count(): Promise<number> {
    return this.host.tx.count(Note);
  }
}

const [ports = '', password = ''] = process.argv.slice(2);

@Module({
  imports: [
    PostgresHaModule.forRoot({
      database: {
        hosts: ports.split(',').map((port) => ({ host: '127.0.0.1', port: Number(port) })),
        database: 'postgres',
        username: 'app_user',
        password,
      },
    }),
    TypeOrmModule.forFeature([Note], 'write'),
    TypeOrmModule.forFeature([Note], 'read'),
    ClsModule.forRoot({
      global: true,
      plugins: [new ClsPluginTransactional({ adapter: new PostgresHaTransactionalAdapter() })],
    }),
  ],
  providers: [Notes],
})
class Application {}

interface Message {
  readonly method: Exclude<keyof Notes, 'host'>;
  readonly args: readonly string[];
}

const application = await NestFactory.createApplicationContext(Application, { logger: ['error'] });
const notes = application.get(Notes);
const requests = application.get(RequestContext);

/** Calls a method as in a request, and says what came of it. */
async function answer({ method, args }: Message): Promise<object> {
  const call = notes[method].bind(notes) as (...values: readonly string[]) => Promise<unknown>;
  return requests.run({ mode: 'session' }, undefined, async () => {
    try {
      const value = await call(...args);
      return { value, isNote: value instanceof Note, hasToken: requests.answered !== undefined };
    } catch (error) {
      const { name, message } = error as Error;
      return { error: { name, message } };
    }
  });
}

process.on('message', (message: Message) => {
  void answer(message).then((said) => process.send?.(said));
});
process.once('disconnect', () => void application.close().then(() => process.exit()));

while (!application.get(PostgresHa).isReady) await new Promise((resolve) => setTimeout(resolve, 50));
process.send?.('ready');
