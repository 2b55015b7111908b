import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { ConfigError, parseServerConfig } from './parse-server-config.ts';

const parse = (environment: Record<string, string>) => parseServerConfig(environment, '/users/someone');

describe('parseServerConfig', () => {
  test('needs nothing', () => {
    expect(parse({})).toEqual({
      home: '/users/someone/.proxycast',
      host: '127.0.0.1',
      port: 8999,
      logLevel: 'info',
      logFile: '/users/someone/.proxycast/logs/proxycast.log',
    });
  });

  test('the log may have a file elsewhere, or none', () => {
    expect(parse({ PROXYCAST_LOG_FILE: '/var/log/proxycast.log' }).logFile).toBe('/var/log/proxycast.log');
    expect(parse({ PROXYCAST_LOG_FILE: 'none' })).not.toHaveProperty('logFile');
    expect(() => parse({ PROXYCAST_LOG_FILE: 'here.log' })).toThrow(/PROXYCAST_LOG_FILE/);
  });

  test('reads every variable, and prints no secret', () => {
    const config = parse({
      PROXYCAST_HOME: '/data',
      PROXYCAST_HOST: '0.0.0.0',
      PROXYCAST_PORT: '0',
      PROXYCAST_DATABASE_URL: 'postgres://u:pa55word@h/db',
      PROXYCAST_MASTER_KEY: Buffer.alloc(32, 1).toString('base64'),
      PROXYCAST_ADMIN_TOKEN: 'admin-token-1',
      PROXYCAST_API_KEY: 'client-key-1',
      PROXYCAST_LOG_LEVEL: 'DEBUG',
    });
    expect(config).toMatchObject({ home: '/data', host: '0.0.0.0', port: 0, logLevel: 'debug' });
    expect(config.adminToken?.reveal()).toBe('admin-token-1');
    expect(inspect(config) + JSON.stringify({ ...config, masterKey: undefined })).not.toMatch(
      /pa55word|admin-token-1|client-key-1/,
    );
  });

  test('takes an empty variable for an absent one', () => {
    expect(parse({ PROXYCAST_PORT: '', PROXYCAST_ADMIN_TOKEN: ' ' })).toEqual(parse({}));
  });

  test('names every fault at once, each with its variable and what to do', () => {
    const environment = {
      PROXYCAST_HOME: 'relative',
      PROXYCAST_HOST: 'no host',
      PROXYCAST_PORT: '70000',
      PROXYCAST_DATABASE_URL: 'mysql://h/db',
      PROXYCAST_MASTER_KEY: 'c2hvcnQ=',
      PROXYCAST_ADMIN_TOKEN: 'short',
      PROXYCAST_API_KEY: 'has a space in it',
      PROXYCAST_LOG_LEVEL: 'loud',
    };
    const error = (() => {
      try {
        return parse(environment);
      } catch (cause) {
        return cause;
      }
    })();
    if (!(error instanceof ConfigError)) throw new Error('ConfigError expected');
    expect(error.faults.map(({ path }) => path)).toEqual(Object.keys(environment));
    expect(error.message).not.toContain('short');
  });
});
