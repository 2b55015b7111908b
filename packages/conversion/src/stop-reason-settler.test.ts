import type { ChatBlock, StopReason, StreamEvent } from '@proxycast/spec';
import { describe, expect, test } from 'vitest';
import { settleStopReasons } from './settle-stop-reasons.ts';
import { createStopReasonSettler } from './stop-reason-settler.ts';

const RULES: readonly (readonly [StopReason, boolean, StopReason])[] = [
  ['end', true, 'tool-use'],
  ['other', true, 'tool-use'],
  ['tool-use', true, 'tool-use'],
  ['length', true, 'length'],
  ['context-full', true, 'context-full'],
  ['refusal', true, 'refusal'],
  ['stop-sequence', true, 'stop-sequence'],
  ['pause', true, 'pause'],
  ['end', false, 'end'],
  ['other', false, 'other'],
  ['tool-use', false, 'end'],
  ['length', false, 'length'],
  ['refusal', false, 'refusal'],
  ['pause', false, 'pause'],
];

const call = (block: number, choice?: number): StreamEvent => ({
  type: 'tool-call-start',
  block,
  callId: 'c',
  name: 'n',
  kind: 'function',
  ...(choice === undefined ? {} : { choice }),
});
const end = (reason: StopReason, choice?: number): StreamEvent => ({
  type: 'message-end',
  reason,
  upstreamReason: 'theirs',
  ...(choice === undefined ? {} : { choice }),
});
const serverTool: StreamEvent = { type: 'server-tool-start', block: 0, callId: 's', tool: 'web-search', name: 'w' };

describe('createStopReasonSettler', () => {
  test.each(RULES)('bugs 7, 10, 25, 26: %s, with a call: %s, is %s', (reason, hasCall, settled) => {
    const settle = createStopReasonSettler();
    settle(hasCall ? [call(0)] : [serverTool]);
    const ends = [end(reason)];
    const out = settle(ends);
    expect(out).toEqual([end(settled)]);
    if (reason === settled) expect(out).toBe(ends);
  });

  test('keeps choices apart', () => {
    const settle = createStopReasonSettler();
    const events = [call(0, 1), call(1, 3), end('end'), end('end', 1), end('tool-use', 2), end('end', 3)];
    expect(settle(events).slice(2)).toEqual([end('end'), end('tool-use', 1), end('end', 2), end('tool-use', 3)]);
  });

  test('gives back the same events where all agree', () => {
    const settle = createStopReasonSettler();
    const events: readonly StreamEvent[] = [call(0), { type: 'block-end', block: 0 }, end('tool-use')];
    expect(settle(events)).toBe(events);
  });
});

describe('settleStopReasons', () => {
  const toolCall: ChatBlock = { type: 'tool-call', callId: 'c', name: 'n', kind: 'function', input: '' };
  const serverCall: ChatBlock = { type: 'server-tool-call', callId: 's', tool: 'web-search', name: 'w', input: '' };

  test.each(RULES)('%s, with a call: %s, is %s', (reason, hasCall, settled) => {
    const response = { id: 'i', model: 'm', choices: [{ blocks: [hasCall ? toolCall : serverCall], reason }] };
    const out = settleStopReasons(response);
    expect(out.choices[0]?.reason).toBe(settled);
    if (reason === settled) expect(out).toBe(response);
  });
});
