import { parseClientKeyId } from '@proxycast/spec';
import { ChunkedBytes } from '@proxycast/wire';
import { describe, expect, test } from 'vitest';
import { sessionIdOf } from './session-id-of.ts';

function idOf(body: unknown, headers: Readonly<Record<string, string>> = {}, key = 'key-1'): string {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  // In pieces, as bodies arrive.
  const half = Math.floor(bytes.length / 2);
  const clientKey = { id: parseClientKeyId(key), name: key, sha256: '' };
  return sessionIdOf(
    { request: { headers }, clientKey },
    new ChunkedBytes([bytes.subarray(0, half), bytes.subarray(half)]),
  );
}

const user = (content: unknown) => ({ role: 'user', content });
const assistant = { role: 'assistant', content: 'Yes "user"?' };
const SYSTEM = { role: 'system', content: 'Say "user" and } and ] often.' };

describe.each([
  ['Messages', 'messages', [user([{ type: 'text', text: 'One.' }])]],
  ['Chat Completions', 'messages', [SYSTEM, user('One.')]],
  ['Responses', 'input', [{ role: 'developer', content: 'Brief.' }, user('One.')]],
  ['Gemini', 'contents', [{ role: 'user', parts: [{ text: 'One.' }] }]],
  ['Gemini without roles', 'contents', [{ parts: [{ text: 'One.' }] }]],
] as const)('%s', (_name, field, beginning) => {
  test('keeps its conversation over all turns, and tells another apart', () => {
    const first = idOf({ model: 'm', [field]: beginning });
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(idOf({ model: 'm', [field]: [...beginning, assistant, user('Two.')] })).toBe(first);
    expect(idOf({ [field]: [...beginning, assistant, user('Two.'), assistant, user('Three.')], model: 'other' })).toBe(
      first,
    );
    const other = JSON.parse(JSON.stringify(beginning).replace('One.', 'Another.'));
    expect(idOf({ model: 'm', [field]: other })).not.toBe(first);
    expect(idOf({ model: 'm', [field]: beginning }, {}, 'key-2')).not.toBe(first);
  });
});

test.each([
  [
    { prompt_cache_key: 'c-1', input: 'x' },
    { prompt_cache_key: 'c-1', input: 'y' },
  ],
  [
    { metadata: { user_id: 'u_session_1' }, messages: [user('x')] },
    { metadata: { user_id: 'u_session_1' }, messages: [] },
  ],
])('%j is called the same as %j by its client', (one, other) => {
  expect(idOf(one)).toBe(idOf(other));
});

test('what a client says in a header goes before all else', () => {
  expect(idOf({ input: 'x' }, { session_id: 's-1' })).toBe(
    idOf({ input: 'y', prompt_cache_key: 'c' }, { session_id: 's-1' }),
  );
  expect(idOf({ input: 'x' }, { session_id: 's-1' })).not.toBe(idOf({ input: 'x' }, { session_id: 's-2' }));
});

test('metadata that changes with every request is no name', () => {
  const asked = (n: number) => ({ metadata: { request: `r-${n}` }, input: 'hi' });
  expect(idOf(asked(1))).toBe(idOf(asked(2)));
});

test.each([
  '',
  '[]',
  'no json',
  '{"messages":',
  '{"messages":[{"role":"user","content":"cut',
  '{"messages":{}}',
  '{"input":7}',
])('hostile or odd: %s', (body) => expect(idOf(body)).toMatch(/^[0-9a-f]{32}$/));

test('a beginning of megabytes is told by its first bytes', () => {
  const long = (end: string) => ({ messages: [user('x'.repeat(2_000_000) + end)] });
  expect(idOf(long('a'))).toBe(idOf(long('b')));
});
