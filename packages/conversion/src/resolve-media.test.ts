import type { AcceptedMedia, ChatBlock, ChatRequest } from '@proxycast/spec';
import { expect, test } from 'vitest';
import { mediaKey, resolveMedia } from './resolve-media.ts';

const ACCEPTED: AcceptedMedia = {
  image: { types: ['image/png'], maxBytes: 100, maxCount: 3, readsUrl: (url) => url.startsWith('gs://') },
  document: { types: ['application/pdf'], readsUrl: () => true },
};
const image = (url: string): ChatBlock => ({ type: 'image', source: { type: 'url', url } });
const requestOf = (...blocks: readonly ChatBlock[]): ChatRequest => ({
  protocol: 'openai',
  model: 'm',
  stream: false,
  tools: [],
  turns: [
    { role: 'user', blocks: [{ type: 'text', text: 'See.' }, ...blocks] },
    {
      role: 'tool',
      blocks: [{ type: 'tool-result', callId: 'c', blocks: [{ type: 'text', text: 'Shot.' }, ...blocks] }],
    },
  ],
});

function resolve(request: ChatRequest, files: Readonly<Record<string, string>> = {}) {
  const changes: string[] = [];
  const fetched = new Map(
    Object.entries(files).map(([url, data]) => [mediaKey({ kind: 'image', url }), { mediaType: 'image/png', data }]),
  );
  const resolved = resolveMedia(request, { accepted: ACCEPTED, fetched, report: (field) => changes.push(field) });
  return { ...resolved, changes };
}

test('an address is wanted once, wherever it stands, with what the service takes', () => {
  const { wanted } = resolve({
    ...requestOf(),
    turns: [
      {
        role: 'user',
        blocks: [image('https://a.example/1.png'), image('https://a.example/2.png'), image('https://a.example/1.png')],
      },
    ],
  });
  expect(wanted).toEqual([
    {
      kind: 'image',
      url: 'https://a.example/1.png',
      types: ['image/png'],
      maxBytes: 100,
      field: 'messages.0.content.0',
    },
    {
      kind: 'image',
      url: 'https://a.example/2.png',
      types: ['image/png'],
      maxBytes: 100,
      field: 'messages.0.content.1',
    },
  ]);
});

test('what is fetched stands in every place, also in results, and is reported', () => {
  const url = 'https://a.example/1.png';
  const { request, wanted, changes } = resolve(requestOf(image(url)), { [url]: 'AAAA' });
  expect(wanted).toEqual([]);
  expect(changes).toEqual(['messages.0.content.1', 'messages.1.content.0.content.1']);
  const source = { type: 'base64', mediaType: 'image/png', data: 'AAAA' };
  expect(request.turns).toMatchObject([
    { blocks: [{ text: 'See.' }, { type: 'image', source }] },
    { blocks: [{ blocks: [{ text: 'Shot.' }, { type: 'image', source }] }] },
  ]);
});

test('a request with nothing to fetch comes back as it is', () => {
  const request = requestOf(
    image('gs://bucket/1.png'),
    image('oss://bucket/1.png'),
    { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AAAA' } },
    { type: 'image', source: { type: 'file-id', fileId: 'f', origin: 'openai' } },
    { type: 'document', source: { type: 'url', url: 'https://a.example/1.pdf' } },
    { type: 'video', source: { type: 'url', url: 'https://a.example/1.mp4' } },
  );
  const resolved = resolve(request);
  expect(resolved.request).toBe(request);
  expect(resolved).toMatchObject({ wanted: [], changes: [] });
});

test('more files than the service takes are refused before any is fetched', () => {
  const one = image('https://a.example/1.png');
  expect(resolve(requestOf(one)).wanted).toHaveLength(1);
  // Four with those in the result.
  expect(() => resolve(requestOf(one, image('https://a.example/2.png')))).toThrow(/takes 3 files of the kind image/);
});
