import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createFakeUpstream, type FakeUpstream } from '../fake-upstream/create-fake-upstream.ts';
import { createVertexService } from './create-vertex-service.ts';

const PLACE = '/v1/projects/p/locations/europe-west4/publishers';
const GEMINI = `${PLACE}/google/models/gemini-3:generateContent`;
const CLAUDE = `${PLACE}/anthropic/models/claude-x@1`;
const EXPRESS = '/v1/publishers/google/models/gemini-3:generateContent';
const TOKEN = { authorization: 'Bearer ya29.good' };
const SAID = { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] };
const MESSAGE = {
  anthropic_version: 'vertex-2023-10-16',
  max_tokens: 9,
  messages: [{ role: 'user', content: 'Hi' }],
};

let upstream: FakeUpstream;
beforeAll(async () => {
  const service = createVertexService({
    project: 'p',
    location: 'europe-west4',
    models: ['gemini-3', 'claude-x@1'],
    isToken: (token) => token === 'ya29.good',
    expressKeys: ['express'],
  });
  upstream = await createFakeUpstream({ service });
});
afterAll(() => upstream.close());
beforeEach(() => upstream.reset());

async function ask(path: string, headers: Readonly<Record<string, string>>, body: object) {
  const response = await fetch(upstream.baseUrl + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}

test.each([
  [GEMINI, TOKEN, SAID],
  [`${GEMINI.replace(':g', ':streamG')}?alt=sse`, TOKEN, SAID],
  [GEMINI.replace('/v1/', '/v1beta1/'), TOKEN, SAID],
  [`${CLAUDE}:rawPredict`, TOKEN, MESSAGE],
  [`${CLAUDE}:streamRawPredict`, TOKEN, { ...MESSAGE, stream: true }],
  [EXPRESS, { 'x-goog-api-key': 'express' }, SAID],
  [`${EXPRESS}?key=express`, {}, SAID],
])('takes %s with %o', async (path, headers, body) => {
  const { status, text } = await ask(path, { ...headers }, body);
  expect(status, text).toBe(200);
  expect(upstream.violations).toEqual([]);
});

test.each([
  ['a token it did not give out', GEMINI, { authorization: 'Bearer ya29.other' }, SAID, 401, 'UNAUTHENTICATED'],
  ['a key where a project stands', GEMINI, { 'x-goog-api-key': 'express' }, SAID, 401, 'UNAUTHENTICATED'],
  ['a token at the express address', EXPRESS, TOKEN, SAID, 401, 'UNAUTHENTICATED'],
  ['both at once', GEMINI, { ...TOKEN, 'x-goog-api-key': 'express' }, SAID, 400, 'together'],
  ['another key', EXPRESS, { 'x-goog-api-key': 'other' }, SAID, 401, 'UNAUTHENTICATED'],
  ['another project', GEMINI.replace('/p/', '/q/'), TOKEN, SAID, 403, 'PERMISSION_DENIED'],
  ['another location', GEMINI.replace('west4', 'west1'), TOKEN, SAID, 404, 'NOT_FOUND'],
  ['another model', GEMINI.replace('gemini-3', 'gemini-2'), TOKEN, SAID, 404, 'NOT_FOUND'],
  ['Claude with an express key', CLAUDE.replace(PLACE, '/v1/publishers'), TOKEN, MESSAGE, 404, 'Unknown'],
  ['the Gemini API’s own path', '/v1beta/models/gemini-3:generateContent', TOKEN, SAID, 404, 'Unknown'],
  ['a turn of nobody', GEMINI, TOKEN, { contents: [{ parts: [{ text: 'Hi' }] }] }, 400, 'valid role'],
  ['a model in the body', `${CLAUDE}:rawPredict`, TOKEN, { ...MESSAGE, model: 'claude-x@1' }, 400, 'model'],
  [
    'the version of Anthropic’s own',
    `${CLAUDE}:rawPredict`,
    TOKEN,
    { ...MESSAGE, anthropic_version: '2023-06-01' },
    400,
    'anthropic_version',
  ],
  ['no version', `${CLAUDE}:rawPredict`, TOKEN, { ...MESSAGE, anthropic_version: undefined }, 400, 'anthropic_version'],
  ['a stream at the whole address', `${CLAUDE}:rawPredict`, TOKEN, { ...MESSAGE, stream: true }, 400, 'stream'],
  ['a whole answer at the stream’s', `${CLAUDE}:streamRawPredict`, TOKEN, MESSAGE, 400, 'stream'],
  [
    'a picture by its address',
    `${CLAUDE}:rawPredict`,
    TOKEN,
    {
      ...MESSAGE,
      messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'url', url: 'https://a/b.png' } }] }],
    },
    400,
    'URL sources',
  ],
])('refuses %s', async (_name, path, headers, body, status, words) => {
  const answer = await ask(path, { ...headers }, body);
  expect(answer).toMatchObject({ status, text: expect.stringContaining(words) });
});
