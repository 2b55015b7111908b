import { type ChatBlock, type Signature, unreachable } from '@proxycast/spec';
import { describe, expect, test } from 'vitest';
import { decodeRequest } from './decode-request.ts';
import { encodeAnswer } from './encode-answer.ts';

const signed = (value: string): { readonly signature: Signature } => ({
  signature: { origin: 'elsewhere:there', value },
});
const thinking = (text: string, more = {}): ChatBlock => ({
  type: 'thinking',
  parts: text === '' ? [] : [text],
  kind: 'full',
  ...more,
});
const text = (said: string, more = {}): ChatBlock => ({ type: 'text', text: said, ...more });
const call = (callId: string, more = {}): ChatBlock => ({
  type: 'tool-call',
  callId,
  name: 'f',
  kind: 'function',
  input: '{}',
  ...more,
});

/** What a client that echoes the message it was given sends, as we read it. */
function echo(blocks: readonly ChatBlock[], change: (message: Record<string, unknown>) => void = () => {}) {
  const body = encodeAnswer(
    { id: 'a', model: 'm', choices: [{ blocks, reason: 'end' }] },
    { request: { protocol: 'openai', model: 'm', stream: false, turns: [], tools: [] }, nowMs: 0 },
  );
  // As it travels.
  const { choices } = JSON.parse(JSON.stringify(body));
  const { message } = choices[0];
  change(message);
  const { turns } = decodeRequest({ model: 'm', messages: [message] }, { isStream: false });
  return (turns[0]?.blocks ?? []).map(describeBlock);
}

function describeBlock(block: ChatBlock): string {
  const signature = 'signature' in block && block.signature !== undefined ? `!${block.signature.value}` : '';
  switch (block.type) {
    case 'text':
      return `text ${block.text}${signature}`;
    case 'thinking':
      return `${block.kind} ${block.parts.join('|')}${signature}`;
    case 'redacted-thinking':
      return `redacted${signature}`;
    case 'tool-call':
      return `call ${block.callId}${signature}`;
    case 'refusal':
      return `refusal ${block.text}`;
    case 'image':
    case 'document':
    case 'audio':
    case 'video':
    case 'tool-result':
    case 'server-tool-call':
    case 'server-tool-result':
    case 'opaque':
      return block.type;
    default:
      return unreachable(block);
  }
}

describe('a message that a client echoes whole (bugs 16, 39, 40)', () => {
  test.each<[string, readonly ChatBlock[], readonly string[]]>([
    [
      'thinking, text and a call',
      [thinking('a', signed('1')), text('b'), call('c', signed('2'))],
      ['full a!1', 'text b', 'call c!2'],
    ],
    [
      'thoughts between other blocks',
      [
        thinking('a', signed('1')),
        text('b'),
        thinking('c', signed('2')),
        call('d'),
        thinking('e', signed('3')),
        call('f'),
      ],
      ['full a!1', 'text b', 'full c!2', 'call d', 'full e!3', 'call f'],
    ],
    ['signed text between unsigned', [text('a'), text('b', signed('1')), text('c')], ['text a', 'text b!1', 'text c']],
    ['a signature on an empty text', [text('a'), text('', signed('1'))], ['text a', 'text !1']],
    ['encrypted thinking', [{ type: 'redacted-thinking', ...signed('1') }, text('a')], ['redacted!1', 'text a']],
    ['thinking without text', [thinking('', signed('1')), call('a')], ['full !1', 'call a']],
    [
      'thinking of which only a part is signed',
      [thinking('a'), thinking('b', signed('1')), text('c')],
      ['full a', 'full b!1', 'text c'],
    ],
    ['a summary', [{ type: 'thinking', parts: ['a', 'b'], kind: 'summary', ...signed('1') }], ['summary a\n\nb!1']],
    [
      'the service’s own tools in between',
      [
        thinking('a', signed('1')),
        { type: 'server-tool-call', callId: 's', tool: 'web-search', name: 'x', input: '{}' },
        call('c'),
        thinking('d', signed('2')),
      ],
      ['full a!1', 'call c', 'full d!2'],
    ],
  ])('%s', (_name, blocks, expected) => {
    expect(echo(blocks)).toEqual(expected);
  });

  test('a client that changed the thinking keeps one signature, and gives up several', () => {
    const shorten = (message: Record<string, unknown>) => {
      message.reasoning_content = 'x';
    };
    expect(echo([thinking('abc', signed('1')), text('b')], shorten)).toEqual(['full x!1', 'text b']);
    expect(echo([thinking('abc', signed('1')), thinking('def', signed('2'))], shorten)).toEqual([
      'full !1',
      'full !2',
      'full x',
    ]);
  });

  test('a client that drops what it does not know loses signatures, not words', () => {
    const drop = (message: Record<string, unknown>) => {
      delete message.reasoning_details;
      delete message.reasoning_content;
    };
    expect(echo([thinking('a', signed('1')), text('b'), call('c')], drop)).toEqual(['text b', 'call c']);
  });

  test.each([
    [[{ format: 'proxycast' }]],
    [[{ format: 'proxycast', data: 'x', id: 'text_5_1' }]],
    [[{ format: 'proxycast', data: 'x', id: 'thinking_0_99999', index: 1e12 }]],
    [[{ format: 'proxycast', data: 'x', id: 'other_0_1' }, 7, null]],
    ['strange'],
  ])('strange details %j do no harm', (details) => {
    const blocks = echo([text('b')], (message) => {
      message.reasoning_details = details;
    });
    expect(blocks.filter((block) => block.startsWith('text'))).toEqual(['text b']);
  });
});
