import type { ChatResponse, StreamEvent, ToolBridge } from '@proxycast/spec';
import { describe, expect, test } from 'vitest';
import { restoreToolBlocks } from './restore-tool-blocks.ts';
import { createToolRestorer } from './tool-restorer.ts';

const BRIDGE: ToolBridge = {
  tools: new Map([
    ['a_b', { name: 'a/b', kind: 'function' as const }],
    ['files__read', { name: 'read', kind: 'function' as const, namespace: 'files' }],
    ['apply_patch', { name: 'apply_patch', kind: 'custom' as const }],
  ]),
};

const start = (block: number, name: string, kind: 'function' | 'custom' = 'function'): StreamEvent => ({
  type: 'tool-call-start',
  block,
  callId: `c${block}`,
  name,
  kind,
});
const input = (block: number, json: string): StreamEvent => ({ type: 'tool-input-delta', block, json });
const end = (block: number): StreamEvent => ({ type: 'block-end', block });

describe('createToolRestorer', () => {
  test('gives back the same events where none is concerned', () => {
    const restore = createToolRestorer(BRIDGE);
    const events: readonly StreamEvent[] = [
      { type: 'message-start', id: 'i', model: 'm' },
      start(0, 'other'),
      input(0, '{"input":"x"}'),
      end(0),
    ];
    expect(restore(events)).toBe(events);
    expect(restore([])).toEqual([]);
  });

  test('names calls as the client does', () => {
    const restore = createToolRestorer(BRIDGE);
    expect(restore([start(0, 'a_b'), input(0, '{"input":"x"}'), end(0), start(1, 'files__read'), end(1)])).toEqual([
      start(0, 'a/b'),
      input(0, '{"input":"x"}'),
      end(0),
      { ...start(1, 'read'), namespace: 'files' },
      end(1),
    ]);
  });

  test('gives the text of a custom call while it comes, of several at once', () => {
    const restore = createToolRestorer(BRIDGE);
    expect(restore([start(0, 'apply_patch'), input(0, '{"in'), start(1, 'apply_patch')])).toEqual([
      start(0, 'apply_patch', 'custom'),
      start(1, 'apply_patch', 'custom'),
    ]);
    expect(restore([input(1, '{"input":"one\\n'), input(0, 'put":"ze')])).toEqual([input(1, 'one\n'), input(0, 'ze')]);
    expect(restore([input(0, 'ro"}'), end(0), input(1, '"}'), end(1)])).toEqual([input(0, 'ro'), end(0), end(1)]);
  });

  test('gives the raw text at the end of a call that does not have that form', () => {
    const restore = createToolRestorer(BRIDGE);
    expect(restore([start(0, 'apply_patch'), input(0, '*** Be'), input(0, 'gin')])).toEqual([
      start(0, 'apply_patch', 'custom'),
    ]);
    expect(restore([end(0)])).toEqual([input(0, '*** Begin'), end(0)]);
  });

  test('leaves the input of a tool that is custom at the upstream too', () => {
    const restore = createToolRestorer({ tools: new Map([['a_b', { name: 'a/b', kind: 'custom' }]]) });
    expect(restore([start(0, 'a_b', 'custom'), input(0, '{"input":"x"}'), end(0)])).toEqual([
      start(0, 'a/b', 'custom'),
      input(0, '{"input":"x"}'),
      end(0),
    ]);
  });

  test('keeps one stream apart from another', () => {
    createToolRestorer(BRIDGE)([start(0, 'apply_patch')]);
    const events = [input(0, '{"input":"x"}'), end(0)];
    expect(createToolRestorer(BRIDGE)(events)).toBe(events);
  });
});

describe('restoreToolBlocks', () => {
  const answer = (...blocks: ChatResponse['choices'][number]['blocks']): ChatResponse => ({
    id: 'i',
    model: 'm',
    choices: [{ blocks, reason: 'tool-use' }],
  });
  const call = { type: 'tool-call', callId: 'c', kind: 'function' } as const;

  test('gives back the same answer where no call is concerned', () => {
    const response = answer({ ...call, name: 'other', input: '{}' }, { type: 'text', text: 'a_b' });
    expect(restoreToolBlocks(response, BRIDGE)).toBe(response);
  });

  test('names calls as the client does, and unwraps custom input', () => {
    expect(
      restoreToolBlocks(
        answer(
          { ...call, name: 'files__read', input: { input: 'x' } },
          { ...call, name: 'apply_patch', input: { input: 'one\n"two"' } },
          { ...call, name: 'apply_patch', input: '{"input":"three"}' },
          { ...call, name: 'apply_patch', input: 'four' },
          { ...call, name: 'apply_patch', input: {} },
        ),
        BRIDGE,
      ),
    ).toEqual(
      answer(
        { ...call, name: 'read', namespace: 'files', input: { input: 'x' } },
        { ...call, kind: 'custom', name: 'apply_patch', input: 'one\n"two"' },
        { ...call, kind: 'custom', name: 'apply_patch', input: 'three' },
        { ...call, kind: 'custom', name: 'apply_patch', input: 'four' },
        { ...call, kind: 'custom', name: 'apply_patch', input: '' },
      ),
    );
  });
});
