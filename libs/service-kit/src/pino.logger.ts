import type { LoggerService } from '@nestjs/common';
import { pino, stdTimeFunctions, type DestinationStream, type LevelWithSilent, type Logger } from 'pino';

/** The environment variable that the logger reads. */
export interface LoggerSettings {
  readonly LOG_LEVEL: LevelWithSilent;
}

/** The service's one logger: JSON lines on stdout (or `destination`), times in RFC 3339. Credentials in headers are removed. */
export function createLogger({ LOG_LEVEL }: LoggerSettings, destination?: DestinationStream): Logger {
  const options = {
    level: LOG_LEVEL,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: ['req.headers.authorization', 'req.headers.cookie', '*.password'],
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** Contexts in which Nest lists every module and route at start, which helps only developers. */
const bootNoise = new Set(['InstanceLoader', 'RouterExplorer', 'RoutesResolver']);

/** Lets Nest's own `Logger` write through pino. An object as message becomes fields of the line. */
export class PinoLoggerService implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.write(bootNoise.has(String(rest.at(-1))) ? 'debug' : 'info', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  /** Nest appends the context as the last string. */
  private write(level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace', message: unknown, rest: unknown[]) {
    const last = rest.at(-1);
    const context = typeof last === 'string' ? { context: last } : {};
    if (message instanceof Error) this.logger[level]({ ...context, err: message });
    else if (typeof message === 'object' && message !== null) this.logger[level]({ ...context, ...message });
    else this.logger[level](context, String(message));
  }
}
