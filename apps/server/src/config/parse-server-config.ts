import { Secret } from '@proxycast/spec';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What the environment says; everything else is settings in the database. */
export interface ServerConfig {
  readonly home: string;
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** `postgres://…`; absent: SQLite in the home folder. */
  readonly databaseUrl?: Secret;
  /** 32 bytes; absent: the keychain or the key file. */
  readonly masterKey?: Uint8Array;
  readonly adminToken?: Secret;
  readonly apiKey?: Secret;
  readonly logLevel: LogLevel;
  /** Where the log is written besides stderr; absent: nowhere. */
  readonly logFile?: string;
}

/** One thing that is wrong: where, what, and what to do. */
export interface ConfigFault {
  readonly path: string;
  readonly message: string;
}

export class ConfigError extends Error {
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    super(faults.map(({ path, message }) => `${path}: ${message}`).join('\n'));
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

const MASTER_KEY_BYTES = 32;
const MIN_SECRET_LENGTH = 8;

const isAbsolutePath = (path: string): boolean => path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path);

/** Throws ConfigError with every fault there is. */
export function parseServerConfig(
  environment: Readonly<Record<string, string | undefined>>,
  homedir: string,
): ServerConfig {
  const faults: ConfigFault[] = [];
  const fault = (path: string, message: string): undefined => {
    faults.push({ path, message });
    return undefined;
  };
  /** An empty variable counts as absent: that is how compose files and shells leave one out. */
  const read = (name: string): string | undefined => {
    const value = environment[name]?.trim();
    return value === '' ? undefined : value;
  };

  const home = read('PROXYCAST_HOME') ?? `${homedir}/.proxycast`;
  if (!isAbsolutePath(home)) {
    fault('PROXYCAST_HOME', `must be an absolute path, for example ${homedir}/.proxycast.`);
  }

  const host = read('PROXYCAST_HOST') ?? '127.0.0.1';
  if (!/^[A-Za-z0-9.:_-]+$/.test(host))
    fault('PROXYCAST_HOST', 'must be an address or a host name, for example 127.0.0.1 or 0.0.0.0.');

  const portText = read('PROXYCAST_PORT') ?? '8999';
  const port = /^\d{1,5}$/.test(portText) ? Number(portText) : -1;
  if (port < 0 || port > 65_535) fault('PROXYCAST_PORT', 'must be a number from 0 to 65535; 0 takes a free port.');

  const databaseUrl = read('PROXYCAST_DATABASE_URL');
  if (databaseUrl !== undefined && !/^postgres(ql)?:\/\//.test(databaseUrl)) {
    fault('PROXYCAST_DATABASE_URL', 'must begin with postgres://. Leave it out to use SQLite in the home folder.');
  }

  const masterKeyText = read('PROXYCAST_MASTER_KEY');
  const masterKey = masterKeyText === undefined ? undefined : Buffer.from(masterKeyText, 'base64');
  if (masterKey !== undefined && masterKey.length !== MASTER_KEY_BYTES) {
    fault('PROXYCAST_MASTER_KEY', 'must be 32 bytes in base64. Make one with: openssl rand -base64 32');
  }

  const secret = (name: string): Secret | undefined => {
    const value = read(name);
    if (value === undefined) return undefined;
    if (value.length < MIN_SECRET_LENGTH || /\s/.test(value)) {
      return fault(name, `must have at least ${MIN_SECRET_LENGTH} characters and no spaces.`);
    }
    return new Secret(value);
  };
  const adminToken = secret('PROXYCAST_ADMIN_TOKEN');
  const apiKey = secret('PROXYCAST_API_KEY');

  const levelText = read('PROXYCAST_LOG_LEVEL') ?? 'info';
  const logLevel = LOG_LEVELS.find((level) => level === levelText.toLowerCase());
  if (logLevel === undefined) fault('PROXYCAST_LOG_LEVEL', `must be one of ${LOG_LEVELS.join(', ')}.`);

  const logFileText = read('PROXYCAST_LOG_FILE');
  const logFile = logFileText ?? `${home}/logs/proxycast.log`;
  if (logFileText !== undefined && logFile !== 'none' && !isAbsolutePath(logFile))
    fault('PROXYCAST_LOG_FILE', 'must be an absolute path, or none to log to stderr alone.');

  if (faults.length > 0) throw new ConfigError(faults);
  return Object.freeze({
    home,
    host,
    port,
    ...(databaseUrl === undefined ? {} : { databaseUrl: new Secret(databaseUrl) }),
    ...(masterKey === undefined ? {} : { masterKey }),
    ...(adminToken === undefined ? {} : { adminToken }),
    ...(apiKey === undefined ? {} : { apiKey }),
    logLevel: logLevel ?? 'info',
    ...(logFile === 'none' ? {} : { logFile }),
  });
}
