import type { ChatBlock, ChatRequest, ChatTurn } from '@proxycast/spec';
import { describe, expect, test } from 'vitest';
import { estimateTokens } from './estimate-tokens.ts';

/** A token for each word. */
const countWords = (piece: string): number => piece.split(/\s+/).filter((word) => word !== '').length;

const say = (...blocks: readonly ChatBlock[]): ChatTurn => ({ role: 'user', blocks });
const text = (words: string): ChatBlock => ({ type: 'text', text: words });

function request(turns: readonly ChatTurn[], rest: Partial<ChatRequest> = {}): ChatRequest {
  return { protocol: 'openai', model: 'm', stream: false, turns, tools: [], ...rest };
}

const estimate = (asked: ChatRequest, model = 'gpt-4o'): number => estimateTokens(asked, model, countWords);
const QUESTION = say(text('one two three'));
const PLAIN = estimate(request([QUESTION]));

test('a turn is its words, and what a request and a turn cost', () => {
  expect(PLAIN).toBe(3 + 4 + 3);
  expect(estimate(request([]))).toBe(3);
});

test('nothing at all is a token', () => {
  expect(estimate(request([]), 'gemini-2.5-flash')).toBe(1);
});

/** A PNG's header, 1024 × 1024, in base64. */
const PNG = Buffer.concat([
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13]),
  Buffer.from('IHDR'),
  Buffer.from([0, 0, 4, 0, 0, 0, 4, 0]),
]).toString('base64');
const PDF = Buffer.from('%PDF-1.4 << /Type /Page >> << /Type /Page >>').toString('base64');
const base64 = (mediaType: string, data: string) => ({ type: 'base64' as const, mediaType, data });

describe('what a block adds to GPT-4o', () => {
  test.each<readonly [string, ChatBlock, number]>([
    ['text', text('four five'), 2],
    ['a refusal', { type: 'refusal', text: 'four five' }, 2],
    ['a picture by its size', { type: 'image', source: base64('image/png', PNG) }, 765],
    ['a picture in low detail', { type: 'image', detail: 'low', source: base64('image/png', PNG) }, 85],
    [
      'a picture at an address, as one of a usual size',
      { type: 'image', source: { type: 'url', url: 'https://a/b' } },
      765,
    ],
    ['a PDF by its pages', { type: 'document', source: base64('application/pdf', PDF) }, 2 * 1_200],
    [
      'a document of text',
      { type: 'document', source: base64('text/plain', Buffer.from('four five').toString('base64')) },
      2,
    ],
    [
      'text as a document, with its title',
      { type: 'document', title: 'four', source: { type: 'text', text: 'five' } },
      2,
    ],
    ['a sound by its seconds', { type: 'audio', source: base64('audio/mpeg', 'A'.repeat(213_336)) }, 101],
    [
      'a call, with its name and input',
      { type: 'tool-call', callId: 'c', name: 'look', input: { a: 1 }, kind: 'function' },
      8 + 2,
    ],
    ['a result, with all that is in it', { type: 'tool-result', callId: 'c', blocks: [text('four five')] }, 2],
    [
      'pages that a search found',
      { type: 'server-tool-result', callId: 'c', tool: 'web-search', sources: [{ url: 'u', title: 't' }] },
      2,
    ],
    ['a part that only one dialect knows', { type: 'opaque', protocol: 'openai', value: { a: 'four five' } }, 2],
  ])('%s', (_, block, tokens) => {
    expect(estimate(request([say(text('one two three'), block)])) - PLAIN).toBe(tokens);
  });
});

test('thinking counts while its question is being answered, and not after the next one', () => {
  const thinking: ChatTurn = {
    role: 'assistant',
    blocks: [
      {
        type: 'thinking',
        kind: 'full',
        parts: ['long thoughts indeed'],
        signature: { origin: 'o', value: 's'.repeat(100) },
      },
    ],
  };
  expect(estimate(request([QUESTION, thinking])) - PLAIN).toBe(4 + 3 + 8);
  expect(estimate(request([QUESTION, thinking, say()])) - PLAIN).toBe(4 + 4);
  // Gemini reads it again each time.
  expect(estimate(request([QUESTION, thinking, say()]), 'gemini-2.5-flash')).toBe(Math.ceil(3 * 1.05 + 3 * 1.2));
});

test('tools cost once, and each by what is said of it', () => {
  const tool = {
    type: 'function' as const,
    name: 'look',
    description: 'Looks a city up',
    inputSchema: { type: 'object' },
  };
  const one = estimate(request([QUESTION], { tools: [tool] }));
  const two = estimate(request([QUESTION], { tools: [tool, tool] }));
  expect(one - PLAIN).toBeGreaterThanOrEqual(12);
  expect(two - one).toBeLessThan(one - PLAIN);
  const wordy = { ...tool, description: 'very '.repeat(400) };
  expect(estimate(request([QUESTION], { tools: [wordy] })) - one).toBeGreaterThan(250);
});

test('a tool of the service and a schema for the answer count', () => {
  expect(estimate(request([QUESTION], { tools: [{ type: 'server', tool: 'web-search', name: 'w' }] }))).toBeGreaterThan(
    PLAIN,
  );
  const schema = { type: 'object', description: 'very '.repeat(100) };
  expect(estimate(request([QUESTION], { output: { type: 'schema', schema } })) - PLAIN).toBeGreaterThan(80);
});

test('wide scripts weigh more with Claude than with GPT', () => {
  const wide = request([say(text('漢 字 漢 字 漢 字 漢 字 漢 字'.repeat(100)))]);
  expect(estimate(wide, 'claude-sonnet-4-5')).toBeGreaterThan(1.2 * estimate(wide, 'gpt-4o'));
});
