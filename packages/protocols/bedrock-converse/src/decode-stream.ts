import {
  type DecodeAnswerContext,
  type Frame,
  type JsonObject,
  type StreamDecoder,
  type StreamEvent,
  UpstreamError,
} from '@proxycast/spec';
import { isObject, parseObject } from '@proxycast/wire';
import { kindOfException } from './decode-error.ts';
import { mapStopReason } from './map-stop-reason.ts';
import { readUsage } from './read-usage.ts';

/** Frames of ConverseStream. Text and reasoning blocks begin with their first delta; only tool calls are announced. */
export function createStreamDecoder({ origin, fallbackId, model }: DecodeAnswerContext): StreamDecoder {
  /** Our block for the service's index, with its kind, as long as it is open. */
  const open = new Map<number, { readonly block: number; readonly kind: 'text' | 'thinking' | 'tool' | 'other' }>();
  let nextBlock = 0;
  let hasStarted = false;
  let hasEnded = false;
  let hasFailed = false;

  const start = (events: StreamEvent[]): void => {
    if (hasStarted) return;
    hasStarted = true;
    events.push({ type: 'message-start', id: fallbackId, model });
  };
  const fail = (events: StreamEvent[], error: UpstreamError): void => {
    hasFailed = true;
    for (const { block } of open.values()) events.push({ type: 'block-end', block });
    open.clear();
    events.push({ type: 'error', error });
  };
  const close = (index: number, events: StreamEvent[]): void => {
    const found = open.get(index);
    if (found === undefined) return;
    open.delete(index);
    events.push({ type: 'block-end', block: found.block });
  };
  /** The open block of that kind at the index; another kind there ends first. */
  const blockAt = (index: number, kind: 'text' | 'thinking', events: StreamEvent[]): number => {
    const found = open.get(index);
    if (found?.kind === kind) return found.block;
    close(index, events);
    const block = nextBlock++;
    open.set(index, { block, kind });
    events.push(kind === 'text' ? { type: 'text-start', block } : { type: 'thinking-start', block, kind: 'full' });
    return block;
  };

  const decodeDelta = (index: number, delta: JsonObject, events: StreamEvent[]): void => {
    const { text, toolUse, reasoningContent } = delta;
    if (typeof text === 'string') {
      if (text !== '') events.push({ type: 'text-delta', block: blockAt(index, 'text', events), text });
    } else if (isObject(toolUse)) {
      const found = open.get(index);
      if (found?.kind === 'tool' && typeof toolUse['input'] === 'string') {
        events.push({ type: 'tool-input-delta', block: found.block, json: toolUse['input'] });
      }
    } else if (isObject(reasoningContent)) decodeReasoning(index, reasoningContent, events);
  };

  const decodeReasoning = (index: number, reasoning: JsonObject, events: StreamEvent[]): void => {
    const { text, signature, redactedContent } = reasoning;
    if (typeof redactedContent === 'string') {
      close(index, events);
      const block = nextBlock++;
      open.set(index, { block, kind: 'other' });
      events.push({ type: 'redacted-thinking', block, signature: { origin, value: redactedContent } });
      return;
    }
    const block = blockAt(index, 'thinking', events);
    if (typeof text === 'string' && text !== '') events.push({ type: 'thinking-delta', block, text });
    if (typeof signature === 'string' && signature !== '') {
      events.push({ type: 'signature', block, signature: { origin, value: signature } });
    }
  };

  const decodeStart = (index: number, begun: unknown, events: StreamEvent[]): void => {
    const toolUse = isObject(begun) ? begun['toolUse'] : undefined;
    if (!isObject(toolUse)) return;
    close(index, events);
    const block = nextBlock++;
    open.set(index, { block, kind: 'tool' });
    const { toolUseId, name } = toolUse;
    events.push({
      type: 'tool-call-start',
      block,
      callId: typeof toolUseId === 'string' ? toolUseId : `${fallbackId}_${block}`,
      name: typeof name === 'string' ? name : '',
      kind: 'function',
    });
  };

  const decodeFrame = ({ event = '', data }: Frame, events: StreamEvent[]): void => {
    const value = parseObject(data);
    if (value === undefined) {
      fail(events, invalid('sent a frame that is not JSON'));
      return;
    }
    if (event.startsWith('exception:') || event.startsWith('error:')) {
      const name = event.slice(event.indexOf(':') + 1);
      const message = value['message'];
      fail(
        events,
        new UpstreamError({
          code: name === '' ? 'upstream_error' : name,
          kind: kindOfException(name) ?? 'upstream-failed',
          message: typeof message === 'string' ? message : 'The upstream ended its stream with an exception.',
        }),
      );
      return;
    }
    start(events);
    const at = value['contentBlockIndex'];
    const index = typeof at === 'number' ? at : 0;
    switch (event) {
      case 'contentBlockStart':
        decodeStart(index, value['start'], events);
        return;
      case 'contentBlockDelta':
        if (isObject(value['delta'])) decodeDelta(index, value['delta'], events);
        return;
      case 'contentBlockStop':
        close(index, events);
        return;
      case 'messageStop': {
        if (hasEnded) return;
        hasEnded = true;
        for (const openIndex of [...open.keys()]) close(openIndex, events);
        const upstreamReason = value['stopReason'];
        events.push({
          type: 'message-end',
          reason: mapStopReason(upstreamReason),
          ...(typeof upstreamReason === 'string' ? { upstreamReason } : {}),
        });
        return;
      }
      case 'metadata': {
        const usage = readUsage(value['usage']);
        if (usage !== undefined) events.push({ type: 'usage', usage });
        return;
      }
    }
  };

  return {
    push(frames) {
      const events: StreamEvent[] = [];
      for (const frame of frames) {
        if (hasFailed) break;
        decodeFrame(frame, events);
      }
      return events;
    },
    end() {
      const events: StreamEvent[] = [];
      if (!hasEnded && !hasFailed)
        fail(events, invalid('ended its stream before the answer was complete', 'upstream_cut'));
      return events;
    },
  };
}

const invalid = (what: string, code = 'upstream_invalid_frame'): UpstreamError =>
  new UpstreamError({ code, message: `The upstream ${what}.` });
