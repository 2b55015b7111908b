import { generateKeyPairSync } from 'node:crypto';
import { parseCredentialId } from '@proxycast/spec';
import { expect, test } from 'vitest';
import { createGoogleTokens } from './google-tokens.ts';

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const SECRET = JSON.stringify({ type: 'service_account', client_email: 'robot@p', private_key: privateKey });
const id = parseCredentialId('k');

function createTokens() {
  let issued = 0;
  const clock = { nowMs: 1_000_000 };
  const tokens = createGoogleTokens({
    now: () => clock.nowMs,
    post: () => {
      issued++;
      return Promise.resolve({ status: 200, text: JSON.stringify({ access_token: `t${issued}`, expires_in: 3_600 }) });
    },
  });
  return { tokens, clock };
}

test('a token is kept until two minutes before its end, and fetched once for all who wait', async () => {
  const { tokens, clock } = createTokens();
  expect(await Promise.all([tokens.tokenFor(id, SECRET), tokens.tokenFor(id, SECRET)])).toEqual(['t1', 't1']);
  clock.nowMs += 3_479_000;
  expect(await tokens.tokenFor(id, SECRET)).toBe('t1');
  clock.nowMs += 1_000;
  expect(await tokens.tokenFor(id, SECRET)).toBe('t2');
});

test('a token that was refused is not given again', async () => {
  const { tokens } = createTokens();
  expect(await tokens.tokenFor(id, SECRET)).toBe('t1');
  tokens.forget(parseCredentialId('other'));
  expect(await tokens.tokenFor(id, SECRET)).toBe('t1');
  tokens.forget(id);
  expect(await tokens.tokenFor(id, SECRET)).toBe('t2');
});
