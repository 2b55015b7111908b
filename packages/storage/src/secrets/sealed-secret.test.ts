import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { Secret, StorageError } from '@proxycast/spec';
import { describe, expect, test } from 'vitest';
import { type MasterKey, parseMasterKey } from './master-key.ts';
import { openSecret, readMasterKeyId, rewrapSecret, sealSecret } from './sealed-secret.ts';

const bytes = randomBytes(32);
const masterKey = parseMasterKey(bytes);
const other = parseMasterKey(randomBytes(32));
const place = { table: 'api_keys', recordId: 'k1', field: 'api_key_encrypted' };
const ring = (...keys: MasterKey[]): Map<string, MasterKey> => new Map(keys.map((key) => [key.id, key]));

function failure(action: () => unknown): StorageError {
  try {
    action();
  } catch (error) {
    if (error instanceof StorageError) return error;
    throw error;
  }
  throw new Error('It did not fail.');
}

test.each(['sk-1', '', 'ünïcode ✓ 🔑', 'x'.repeat(100_000)])('a secret comes back as it was', (text) => {
  const sealed = sealSecret(masterKey, place, new Secret(text));
  expect(openSecret(ring(masterKey), place, sealed).reveal()).toBe(text);
});

test('the stored text has its version and the id of its key, and never repeats', () => {
  const sealed = sealSecret(masterKey, place, new Secret('sk-1'));
  expect(sealed).toMatch(new RegExp(`^v1:${masterKey.id}:[\\w-]+:[\\w-]+$`));
  expect(readMasterKeyId(sealed)).toBe(masterKey.id);
  const again = sealSecret(masterKey, place, new Secret('sk-1'));
  expect(again.split(':').slice(2)).not.toEqual(sealed.split(':').slice(2));
});

test.each(['table', 'recordId', 'field'])('it opens nowhere else: another %s', (part) => {
  const sealed = sealSecret(masterKey, place, new Secret('sk-1'));
  expect(failure(() => openSecret(ring(masterKey), { ...place, [part]: 'another' }, sealed)).code).toBe(
    'storage_corrupt',
  );
});

test('a change of any character is found, and the message names the record alone', () => {
  const sealed = sealSecret(masterKey, place, new Secret('sk-very-secret'));
  for (let index = 0; index < sealed.length; index += 1) {
    // The last character of a base64url part can carry bits that mean nothing; a whole other one never does.
    const spoiled = `${sealed.slice(0, index)}${sealed[index] === '.' ? '~' : '.'}${sealed.slice(index + 1)}`;
    const error = failure(() => openSecret(ring(masterKey), place, spoiled));
    expect(error.message).toContain('k1 in api_keys');
    expect(inspect(error)).not.toContain('sk-very-secret');
  }
});

test.each(['', 'plain', 'v2:a:b:c', 'v1:a:b', 'v1::::'])('%j is no sealed secret', (text) => {
  expect(() => openSecret(ring(masterKey), place, text)).toThrow(StorageError);
});

describe('another master key', () => {
  const sealed = sealSecret(masterKey, place, new Secret('sk-1'));

  test('opens nothing, and is told apart from damage', () => {
    expect(failure(() => openSecret(ring(other), place, sealed)).code).toBe('master_key_wrong');
  });

  test('takes over when records are wrapped anew; the ciphertext stays', () => {
    const rewrapped = rewrapSecret(ring(masterKey), other, place, sealed);
    expect(openSecret(ring(other), place, rewrapped).reveal()).toBe('sk-1');
    expect(failure(() => openSecret(ring(masterKey), place, rewrapped)).code).toBe('master_key_wrong');
    expect(rewrapped.split(':')[3]).toBe(sealed.split(':')[3]);
    expect(rewrapped.split(':')[2]).not.toBe(sealed.split(':')[2]);
  });
});

test('a master key prints without its bytes', () => {
  const printed = inspect(masterKey, { depth: 5, showHidden: true });
  expect(printed).not.toContain(bytes.toString('hex'));
  expect(printed).not.toContain(bytes.toString('base64'));
  expect(JSON.stringify(masterKey)).toBe(`{"id":"${masterKey.id}","key":{}}`);
  expect(() => parseMasterKey(new Uint8Array(31))).toThrow('32 bytes');
});
