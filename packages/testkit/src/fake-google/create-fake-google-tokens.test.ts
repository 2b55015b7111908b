import { generateKeyPairSync, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { isObject, type JsonObject } from '../json.ts';
import { createFakeGoogleTokens } from './create-fake-google-tokens.ts';

const createKey = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
const KEY = createKey();
const FOREIGN_KEY = createKey();
const CLIENT_EMAIL = 'robot@p.iam.gserviceaccount.com';
const NOW_SECONDS = 1_800_000_000;
const HEADER = { alg: 'RS256', typ: 'JWT', kid: 'key-1' };
const CLAIMS = {
  iss: CLIENT_EMAIL,
  scope: 'https://www.googleapis.com/auth/cloud-platform',
  aud: 'https://oauth2.googleapis.com/token',
  iat: NOW_SECONDS,
  exp: NOW_SECONDS + 3_600,
};

const encode = (value: JsonObject): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function formOf(header: JsonObject = {}, claims: JsonObject = {}, privateKey = KEY.privateKey): URLSearchParams {
  const signed = `${encode({ ...HEADER, ...header })}.${encode({ ...CLAIMS, ...claims })}`;
  const signature = sign('sha256', Buffer.from(signed), privateKey).toString('base64url');
  return new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion: `${signed}.${signature}`,
  });
}

async function createTokens(now: () => number) {
  return createFakeGoogleTokens({ publicKey: KEY.publicKey, clientEmail: CLIENT_EMAIL, keyId: 'key-1', now });
}

test('gives a token for an assertion as Google wants it, and knows it until it ends', async () => {
  let nowMs = NOW_SECONDS * 1_000;
  await using tokens = await createTokens(() => nowMs);
  const answer: unknown = await (await fetch(tokens.url, { method: 'POST', body: formOf() })).json();
  const token = isObject(answer) ? String(answer.access_token) : '';
  expect(answer).toMatchObject({ expires_in: 3_599, token_type: 'Bearer' });
  expect([tokens.isToken(token), tokens.isToken('other')]).toEqual([true, false]);
  nowMs += 3_600_000;
  expect(tokens.isToken(token)).toBe(false);
});

test.each<[string, string | URLSearchParams, string]>([
  ['another key', formOf({}, {}, FOREIGN_KEY.privateKey), 'Signature'],
  ['another key’s id', formOf({ kid: 'key-2' }), 'key id'],
  ['another algorithm', formOf({ alg: 'none' }), 'Invalid JWT'],
  ['another account', formOf({}, { iss: 'someone@else' }), 'issuer'],
  ['another audience', formOf({}, { aud: 'http://127.0.0.1/token' }), 'audience'],
  ['another scope', formOf({}, { scope: 'email' }), 'scope'],
  ['more than an hour', formOf({}, { exp: NOW_SECONDS + 7_200 }), 'timeframe'],
  ['a clock that is ten minutes ahead', formOf({}, { iat: NOW_SECONDS + 600, exp: NOW_SECONDS + 4_200 }), 'timeframe'],
  ['what has ended', formOf({}, { iat: NOW_SECONDS - 7_200, exp: NOW_SECONDS - 3_600 }), 'timeframe'],
  ['no form', formOf().toString(), 'form'],
])('refuses %s', async (_name, body, words) => {
  await using tokens = await createTokens(() => NOW_SECONDS * 1_000);
  const response = await fetch(tokens.url, { method: 'POST', body });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    error: 'invalid_grant',
    error_description: expect.stringContaining(words),
  });
  expect(tokens.issued()).toBe(0);
});
