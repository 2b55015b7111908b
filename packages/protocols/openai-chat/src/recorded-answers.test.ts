import { createStopReasonSettler, foldAnswer } from '@proxycast/conversion';
import { type ChatRequest, type Frame, type JsonObject, type StreamEvent, UpstreamError } from '@proxycast/spec';
import { loadRecordings, type Recording } from '@proxycast/testkit';
import { isObject, parseJson, readSseFrames, textOf } from '@proxycast/wire';
import { describe, expect, test } from 'vitest';
import { PLAIN_QUIRKS } from './chat-variant.ts';
import { createCodec } from './codec.ts';

const codec = createCodec(PLAIN_QUIRKS);
const DECODING = { origin: 'openai:here', fallbackId: 'fallback', model: 'asked' };
const REQUEST: ChatRequest = {
  protocol: 'openai',
  model: 'asked',
  stream: true,
  turns: [],
  tools: [],
  includeUsage: true,
};
const ENCODING = { request: REQUEST, nowMs: 1_000, framing: 'sse' } as const;

const all = loadRecordings({ protocol: 'openai-chat', status: 200 });
const streams = all.filter(({ kind }) => kind === 'stream');
const objectsOf = (value: unknown): readonly JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);
const bodyOf = (recording: Recording): JsonObject => {
  const body = parseJson(recording.bytes().toString('utf8'));
  return isObject(body) ? body : {};
};
const bodies = all.filter((one) => one.kind === 'body' && objectsOf(bodyOf(one).choices).length > 0);
const framesOf = (text: string): readonly Frame[] => [...readSseFrames(`${text}\n\n`)];

/** One thing a stream says, in its order within its choice. */
type Said =
  | readonly [choice: number, kind: 'text' | 'refusal' | 'thinking', text: string]
  | readonly [choice: number, kind: 'call', id: string, name: string]
  | readonly [choice: number, kind: 'input', call: number, text: string];

interface Told {
  readonly said: readonly Said[];
  readonly reasons: ReadonlyMap<number, string>;
  readonly usage: JsonObject | undefined;
}

/**
 * What a stream tells, read from its raw chunks by the rules of the API and nothing of ours. Normalised, and so is what we
 * write of it: empty deltas say nothing; thinking has one field; a call that comes whole is a beginning and an input;
 * neighbouring pieces of one thing are one; thoughts that a service numbers stand apart by a blank line.
 */
function tell(frames: readonly Frame[]): Told {
  const said: Said[] = [];
  const reasons = new Map<number, string>();
  const callKeys: string[] = [];
  let usage: JsonObject | undefined;
  const say = (spoken: Said) => {
    const one: Said = spoken[1] === 'thinking' ? [spoken[0], 'thinking', spoken[2].replaceAll('\n', '')] : spoken;
    const last = said.at(-1);
    const isMore = last !== undefined && last[0] === one[0] && last[1] === one[1];
    if (one[1] === 'call') said.push(one);
    else if (one[1] === 'input') {
      if (one[3] === '') return;
      if (isMore && last[1] === 'input' && last[2] === one[2])
        said[said.length - 1] = [one[0], 'input', one[2], last[3] + one[3]];
      else said.push(one);
    } else if (one[2] !== '') {
      if (isMore && last[1] !== 'input' && last[1] !== 'call')
        said[said.length - 1] = [one[0], one[1], last[2] + one[2]];
      else said.push(one);
    }
  };
  for (const { data } of frames) {
    const value = parseJson(data);
    if (!isObject(value)) continue;
    if (isObject(value.usage)) usage = { ...usage, ...value.usage };
    for (const choice of objectsOf(value.choices)) {
      const index = Number(choice.index ?? 0);
      if (textOf(choice.finish_reason) !== undefined) reasons.set(index, String(choice.finish_reason));
      const delta = isObject(choice.delta) ? choice.delta : {};
      const details = objectsOf(delta.reasoning_details).map(
        ({ text, summary }) => textOf(text) ?? textOf(summary) ?? '',
      );
      say([index, 'thinking', textOf(delta.reasoning_content) ?? textOf(delta.reasoning) ?? details.join('')]);
      if (typeof delta.content === 'string') say([index, 'text', delta.content]);
      for (const part of objectsOf(delta.content)) {
        const inner = objectsOf(part.thinking).map(({ text }) => String(text));
        say(part.type === 'thinking' ? [index, 'thinking', inner.join('')] : [index, 'text', String(part.text)]);
      }
      say([index, 'refusal', textOf(delta.refusal) ?? '']);
      for (const piece of objectsOf(delta.tool_calls)) {
        const called = isObject(piece.function) ? piece.function : {};
        const key = `${index} ${String(piece.index ?? piece.id)}`;
        if (textOf(called.name) !== undefined && !callKeys.includes(`${key} ${String(piece.id)}`)) {
          callKeys.push(`${key} ${String(piece.id)}`);
          say([index, 'call', String(piece.id), String(called.name)]);
        }
        const call = callKeys.findLastIndex((known) => known.startsWith(key));
        say([index, 'input', call, textOf(called.arguments) ?? '']);
      }
    }
  }
  return { said, reasons, usage };
}

const callsIn = ({ said }: Told): readonly Said[] => said.filter(([, kind]) => kind === 'call');

/** OpenAI's words only, and they agree with the calls: services say `stop` with calls, or have words of their own. */
const reasonOf = (told: Told, choice: number): string => {
  const word = told.reasons.get(choice) ?? 'stop';
  const hasCalls = callsIn(told).some(([index]) => index === choice);
  return hasCalls && word === 'stop' ? 'tool_calls' : word;
};

const failsIn = (recording: Recording): boolean => recording.shows.includes('mid-stream-error');

function decodeStream(frames: readonly Frame[], batch: 'single' | 'all'): readonly StreamEvent[] {
  const decoder = codec.createStreamDecoder(DECODING);
  const events = batch === 'all' ? decoder.push(frames) : frames.flatMap((frame) => decoder.push([frame]));
  return createStopReasonSettler()([...events, ...decoder.end()]);
}

test('there are recordings of both kinds', () => {
  expect(streams.length).toBeGreaterThan(90);
  expect(bodies.length).toBeGreaterThan(200);
});

describe.each(streams.filter((recording) => !failsIn(recording)))('$file', (recording) => {
  const frames = framesOf(recording.bytes().toString('utf8'));
  const told = tell(frames);

  test('decodes to what its chunks say', () => {
    const events = decodeStream(frames, 'single');
    expect(events.some(({ type }) => type === 'error')).toBe(false);
    const { choices, usage } = foldAnswer(events, { id: 'none', model: 'none' });
    choices.forEach((choice, index) => {
      const textIn = (kind: string) =>
        told.said.flatMap((one) => (one[0] === index && one[1] === kind ? [one[2]] : [])).join('');
      expect(choice.blocks.map((block) => (block.type === 'text' ? block.text : '')).join('')).toBe(textIn('text'));
      expect(choice.blocks.map((block) => (block.type === 'refusal' ? block.text : '')).join('')).toBe(
        textIn('refusal'),
      );
      const thinking = choice.blocks.flatMap((block) => (block.type === 'thinking' ? block.parts : [])).join('');
      expect(thinking.replaceAll('\n', '')).toBe(textIn('thinking'));
      expect(
        choice.blocks.flatMap((block) =>
          block.type === 'tool-call' ? [[index, 'call', block.callId, block.name]] : [],
        ),
      ).toEqual(callsIn(told).filter((call) => call[0] === index));
    });
    expect(usage?.input !== undefined).toBe(told.usage !== undefined || recording.file.includes('groq'));
    if (told.usage !== undefined) expect(usage?.input).toBeGreaterThanOrEqual(Number(told.usage.prompt_tokens));
  });

  test('is the same all at once, and the same again when it is written', () => {
    const events = decodeStream(frames, 'single');
    const name = { id: 'none', model: 'none' };
    expect(foldAnswer(decodeStream(frames, 'all'), name)).toEqual(foldAnswer(events, name));
    const encoder = codec.createStreamEncoder(ENCODING);
    const written = encoder.push(events) + encoder.end();
    const again = tell(framesOf(written));
    // A call without any input gets an empty object, since clients parse it.
    const calls = callsIn(told).length;
    const inputs = told.said.filter(([, kind]) => kind === 'input').length;
    const expected = told.said.filter(([, kind]) => kind !== 'input' || inputs === calls);
    expect(again.said.filter(([, kind]) => kind !== 'input' || inputs === calls)).toEqual(expected);
    for (const index of new Set(told.said.map(([choice]) => choice))) {
      const words: Readonly<Record<string, string>> = { eos: 'stop' };
      const word = reasonOf(told, index);
      expect(again.reasons.get(index)).toBe(words[word] ?? word);
    }
    expect(written.endsWith('data: [DONE]\n\n')).toBe(true);
  });

  test('is no answer when it is cut before its end', () => {
    const isEnd = ({ data }: Frame) => data.trim() === '[DONE]' || tell([{ data }]).reasons.size > 0;
    const end = frames.findIndex(isEnd);
    const step = Math.max(1, Math.floor(end / 60));
    for (let cut = 0; cut < end; cut += step) {
      const events = decodeStream(frames.slice(0, cut), 'single');
      expect(events.at(-1)).toMatchObject({ type: 'error', error: { code: 'upstream_cut' } });
      const open = events.filter(({ type }) => type.endsWith('-start') && type !== 'message-start').length;
      const whole = ['image', 'opaque', 'redacted-thinking', 'server-tool-result'];
      const begun = open + events.filter(({ type }) => whole.includes(type)).length;
      expect(events.filter(({ type }) => type === 'block-end')).toHaveLength(begun);
    }
  });
});

test.each(streams.filter(failsIn))('$file ends with its error', (recording) => {
  const events = decodeStream(framesOf(recording.bytes().toString('utf8')), 'single');
  expect(events.at(-1)).toMatchObject({ type: 'error', error: { kind: 'invalid-request' } });
  expect(events.filter(({ type }) => type === 'message-end')).toEqual([]);
});

/** Fields of a message that the official types know. */
const MESSAGE_FIELDS = ['role', 'content', 'refusal', 'tool_calls', 'annotations', 'audio', 'function_call'];

/**
 * A recorded body as we write it again. What changes, and why: `null` and empty values that stand for nothing are left out or
 * are what OpenAI writes; ids begin with `chatcmpl-`; thinking has one field, in whatever a service has it; calls are
 * numbered by their place only, and their arguments are text; the reason agrees with the calls; totals are sums.
 */
function normaliseChoice(choice: JsonObject): unknown {
  const message = isObject(choice.message) ? choice.message : {};
  const parts = objectsOf(message.content);
  const partText = parts.map(({ text }) => textOf(text) ?? '').join('');
  const partThinking = parts.flatMap(({ thinking }) => objectsOf(thinking).map(({ text }) => String(text))).join('');
  const calls = objectsOf(message.tool_calls).map((call) => {
    const called = isObject(call.function) ? call.function : {};
    const input = called.arguments;
    return {
      id: call.id,
      type: 'function',
      function: { name: called.name, arguments: typeof input === 'string' ? input || '{}' : JSON.stringify(input) },
    };
  });
  const content = parts.length > 0 ? partText : textOf(message.content);
  const refusal = textOf(message.refusal);
  const audio = isObject(message.audio) && textOf(message.audio.id) !== undefined ? message.audio : undefined;
  const old =
    isObject(message.function_call) && textOf(message.function_call.name) !== undefined
      ? message.function_call
      : undefined;
  const details = objectsOf(message.reasoning_details).map(
    ({ text, summary }) => textOf(text) ?? textOf(summary) ?? '',
  );
  const isSilent = calls.length > 0 || refusal !== undefined || audio !== undefined || old !== undefined;
  const word = textOf(choice.finish_reason) ?? 'stop';
  const reason = word === 'eos' ? 'stop' : word;
  return {
    index: choice.index,
    text: content ?? (isSilent ? null : ''),
    thinking: (
      textOf(message.reasoning_content) ??
      textOf(message.reasoning) ??
      (partThinking || details.join(''))
    ).replaceAll('\n', ''),
    refusal: refusal ?? null,
    calls,
    annotations: objectsOf(message.annotations),
    audio,
    old,
    reason: calls.length > 0 && reason === 'stop' ? 'tool_calls' : reason,
    logprobs: isObject(choice.logprobs) && Array.isArray(choice.logprobs.content) ? choice.logprobs.content : null,
  };
}

test.each(bodies)('$file is the same again when it is written', (recording) => {
  const body = bodyOf(recording);
  // The old form is read by a client that asked in it.
  const isOld = objectsOf(body.choices).some(
    ({ message }) =>
      isObject(message) && isObject(message.function_call) && textOf(message.function_call.name) !== undefined,
  );
  const asked: ChatRequest = isOld
    ? codec.decodeRequest(
        { model: 'm', messages: [{ role: 'user', content: 'x' }], functions: [{ name: 'f' }] },
        { isStream: false },
      )
    : REQUEST;
  const decoded = codec.decodeAnswer(body, DECODING);
  const settled = {
    ...decoded,
    choices: decoded.choices.map((choice) => ({
      ...choice,
      reason:
        choice.reason === 'end' && choice.blocks.some(({ type }) => type === 'tool-call')
          ? ('tool-use' as const)
          : choice.reason,
    })),
  };
  const written = codec.encodeAnswer(settled, { request: asked, nowMs: 1_000 });
  expect(objectsOf(written.choices).map(normaliseChoice)).toEqual(objectsOf(body.choices).map(normaliseChoice));
  expect(written.id).toEqual(expect.stringMatching(/^chatcmpl-/));
  if (textOf(body.model) !== undefined) expect(written.model).toBe(body.model);
  if (Number(body.created) > 0) expect(written.created).toBe(body.created);
  for (const field of [
    'service_tier',
    'system_fingerprint',
    'moderation',
    'citations',
    'search_results',
    'prompt_filter_results',
  ]) {
    expect(written[field] ?? null).toEqual(body[field] ?? null);
  }
  const known = objectsOf(written.choices).flatMap(({ message }) => (isObject(message) ? Object.keys(message) : []));
  expect(known).toEqual(expect.arrayContaining(MESSAGE_FIELDS.slice(0, 3)));
  const usage = isObject(body.usage) ? body.usage : {};
  const again = isObject(written.usage) ? written.usage : {};
  expect(Number(again.total_tokens)).toBe(Number(usage.total_tokens));
  for (const field of ['prompt_tokens_details', 'completion_tokens_details', 'cost', 'prompt_cache_hit_tokens']) {
    const recorded = usage[field];
    if (!isObject(recorded)) continue;
    const counted = Object.entries(recorded).filter(([, value]) => value !== null);
    expect(again[field] ?? {}).toMatchObject(Object.fromEntries(counted));
  }
});

test('an answer that is none is an error of the upstream', () => {
  for (const body of [null, 'x', [], {}, { choices: [] }, { choices: [null] }, { error: { message: 'no' } }]) {
    expect(() => codec.decodeAnswer(body, DECODING)).toThrow(UpstreamError);
  }
});
