import { request } from 'node:http';
import { expect, test } from 'vitest';
import { createFakeBedrock } from './create-fake-bedrock.ts';

/** The vector of api-key-system.md 2.7, which two implementations agree on. */
const SIGNING = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const BODY = '{"messages":[{"role":"user","content":[{"text":"hi"}]}],"inferenceConfig":{"maxTokens":1}}';
const SIGNED_AT_MS = Date.UTC(2026, 0, 1);
const PATH = '/model/us.anthropic.claude-haiku-4-5-20251001-v1%3A0/converse';
const HEADERS = {
  host: 'bedrock-runtime.us-east-1.amazonaws.com',
  'content-type': 'application/json',
  'x-amz-date': '20260101T000000Z',
  authorization:
    'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/bedrock/aws4_request, SignedHeaders=host;x-amz-date, Signature=2e2fb1dda668df9a1e0c6e100d057de415fda7fffcf4cd4de7c545bf29a9fe62',
};

interface Asked {
  readonly path?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly region?: string;
  readonly nowMs?: number;
  readonly sessionToken?: string;
}

async function ask({ path = PATH, body = BODY, headers = {}, region = 'us-east-1', nowMs, sessionToken }: Asked) {
  await using bedrock = await createFakeBedrock({
    region,
    signing: { ...SIGNING, ...(sessionToken === undefined ? {} : { sessionToken }) },
    now: () => nowMs ?? SIGNED_AT_MS,
  });
  return await new Promise<{ readonly status: number | undefined; readonly text: string }>((resolve, reject) => {
    const { port, hostname } = new URL(bedrock.baseUrl);
    // `fetch` lets nobody choose the host that is signed.
    const sent = request({ hostname, port, path, method: 'POST', headers: { ...HEADERS, ...headers } }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      answer.once('end', () => resolve({ status: answer.statusCode, text }));
    });
    sent.once('error', reject).end(body);
  });
}

test('takes the signature of the reference’s vector', async () => {
  expect(await ask({})).toMatchObject({ status: 200 });
});

test.each<[string, Asked, string]>([
  ['another body', { body: BODY.replace('hi', 'ho') }, 'does not match'],
  ['another model', { path: PATH.replace('haiku', 'opus') }, 'does not match'],
  ['another host', { headers: { host: '127.0.0.1' } }, 'does not match'],
  ['another region', { region: 'eu-central-1' }, 'valid region'],
  ['a clock six minutes off', { nowMs: SIGNED_AT_MS + 360_000 }, 'Signature expired'],
  ['another key', { headers: { authorization: HEADERS.authorization.replace('AKID', 'AKIX') } }, 'security token'],
  ['no session token', { sessionToken: 'session' }, 'security token'],
  [
    'a session token that is not signed',
    { sessionToken: 'session', headers: { 'x-amz-security-token': 'session' } },
    'must be signed',
  ],
  ['a hash of another body', { headers: { 'x-amz-content-sha256': 'abc' } }, 'x-amz-content-sha256'],
  ['no signature', { headers: { authorization: 'Basic abc' } }, 'no Signature Version 4'],
])('refuses %s', async (_name, asked, words) => {
  expect(await ask(asked)).toMatchObject({ status: 403, text: expect.stringContaining(words) });
});
