import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findKeychain, type Keychain } from './keychain.ts';
import { loadMasterKey, type MasterKeyParts } from './load-master-key.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'proxycast-key-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const load = (parts: Partial<MasterKeyParts> = {}) =>
  loadMasterKey({
    path: join(folder, 'secret.key'),
    hasDatabase: false,
    keychain: () => undefined,
    randomBytes: (size) => Buffer.alloc(size, 7),
    ...parts,
  });

describe('loadMasterKey', () => {
  test('makes a key file that only its owner may read, and reads it from then on', () => {
    const first = load();
    expect(first.source).toBe('file');
    expect(statSync(join(folder, 'secret.key')).mode & 0o777).toBe(0o600);
    expect(load({ hasDatabase: true, randomBytes: () => Buffer.alloc(32, 9) }).key).toEqual(first.key);
  });

  test('the environment goes first and leaves no file', () => {
    const key = Buffer.alloc(32, 3);
    expect(load({ fromEnvironment: key })).toEqual({ key, source: 'environment' });
    expect(() => statSync(join(folder, 'secret.key'))).toThrow();
  });

  test('never makes a new key beside a database', () => {
    expect(() => load({ hasDatabase: true })).toThrow(/secret\.key is gone.*PROXYCAST_MASTER_KEY/);
    expect(() => statSync(join(folder, 'secret.key'))).toThrow();
  });

  test('refuses a file that holds no key and leaves it alone', () => {
    writeFileSync(join(folder, 'secret.key'), 'half a k');
    expect(() => load()).toThrow(/does not hold a master key/);
    expect(readFileSync(join(folder, 'secret.key'), 'utf8')).toBe('half a k');
  });

  test('keeps the key in the keychain where there is one', () => {
    const items = new Map<string, string>();
    const keychain: Keychain = {
      read: (account) => items.get(account),
      write: (account, value) => items.set(account, value).has(account),
    };
    const first = load({ keychain: () => keychain });
    expect(first.source).toBe('keychain');
    expect(readFileSync(join(folder, 'secret.key'), 'utf8')).toBe('keychain\n');
    expect(load({ keychain: () => keychain, hasDatabase: true })).toEqual(first);
    items.clear();
    expect(() => load({ keychain: () => keychain, hasDatabase: true })).toThrow(/Unlock the keychain/);
  });
});

test.skipIf(process.platform !== 'linux')(
  'findKeychain stores and reads through secret-tool, without the value in arguments',
  () => {
    const tool = join(folder, 'secret-tool');
    writeFileSync(
      tool,
      `#!/bin/sh\necho "$@" >> ${folder}/arguments\ncase "$1" in store) cat > ${folder}/item ;; lookup) cat ${folder}/item ;; esac\n`,
    );
    chmodSync(tool, 0o755);
    const path = `${folder}:${process.env['PATH'] ?? ''}`;
    expect(findKeychain('linux', { PATH: path })).toBeUndefined();
    const keychain = findKeychain('linux', { PATH: path, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/x' });
    expect(keychain?.write('here', 'the-value')).toBe(true);
    expect(keychain?.read('here')).toBe('the-value');
    expect(readFileSync(join(folder, 'arguments'), 'utf8')).not.toContain('the-value');
  },
);
