import type { Gate } from '../gate.ts';
import type { JsonObject } from '../json.ts';
import type { Recording } from '../recordings.ts';
import type { RecordedRequest } from './recorded-request.ts';

export interface ScriptedCall {
  /** Absent: made from the request's number. */
  readonly id?: string;
  readonly name: string;
  readonly input: JsonObject;
  /** What a tool that takes free text is given, in the dialects that have such tools; `input` is not looked at. */
  readonly freeText?: string;
  /** The group of tools it is of, where the dialect has groups. */
  readonly namespace?: string;
}

/** Tokens in the neutral base of `TokenUsage`: `input` includes the cache, `output` includes reasoning. */
export interface ScriptedUsage {
  readonly input: number;
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
  readonly output: number;
  readonly reasoning?: number;
}

/** What the fake model says; each dialect writes it in its own way. */
export interface ScriptedMessage {
  readonly thinking?: string;
  /** A list gives the stream's deltas; a string is cut after each word. */
  readonly text?: string | readonly string[];
  readonly calls?: readonly ScriptedCall[];
  /** Absent: the natural end, or the tool reason when there are calls. */
  readonly stop?: 'length' | 'refusal';
  readonly usage?: ScriptedUsage;
}

export interface FakeError {
  readonly status: number;
  /** Absent: the dialect's usual words for that status. */
  readonly message?: string;
  /** The dialect's `type`, `code` or `status` field; absent: its usual one for that status. */
  readonly code?: string;
  /** Written as the dialect tells it: a header, several headers, or `RetryInfo`. */
  readonly retryAfterSeconds?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How an answer's bytes go out. Byte counts are of the answer's body. */
export interface Delivery {
  /**
   * `event`: one write per event (default for a stream). `whole`: one write (default for a body). `byte`: one write per byte.
   * A number: writes of that many bytes. A list: the lengths of the writes, the rest in one.
   */
  readonly chunks?: 'event' | 'whole' | 'byte' | number | readonly number[];
  /** Waited for once, before the head. */
  readonly beforeHead?: Gate;
  /** Waited for before each write; the head is sent before the first. */
  readonly beforeChunk?: Gate;
  /** Closes properly after so many bytes, wherever that falls. */
  readonly endAfterBytes?: number;
  /** Breaks the connection after so many bytes. */
  readonly cutAfterBytes?: number;
  /** Sends the dialect's error event after the event that holds this byte, then closes properly. */
  readonly failAfterBytes?: number;
  /** What that event says. */
  readonly failure?: FakeError;
  /** Sends nothing more after so many bytes and leaves the connection open. */
  readonly holdAfterBytes?: number;
  /** Compresses the body when the request's accept-encoding allows it. */
  readonly compress?: 'gzip' | 'br' | 'zstd';
  /** Added to the head, or replacing what is there. */
  readonly headers?: Readonly<Record<string, string>>;
}

export type Answer =
  | { readonly type: 'message'; readonly message: ScriptedMessage; readonly delivery?: Delivery }
  /** A refusal before the first byte. */
  | { readonly type: 'refusal'; readonly error: FakeError; readonly delivery?: Delivery }
  /** An error inside a 200: the whole body, or the first event of a stream. */
  | { readonly type: 'error-inside'; readonly error: FakeError; readonly delivery?: Delivery }
  | { readonly type: 'recording'; readonly recording: Recording; readonly delivery?: Delivery }
  | {
      readonly type: 'bytes';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string | Uint8Array;
      readonly delivery?: Delivery;
    }
  /** Never a byte; the connection stays open until the peer leaves or the fake closes. */
  | { readonly type: 'silence' }
  /** Breaks the connection before the first byte. */
  | { readonly type: 'hang-up' }
  /** What the service answers by itself for that operation. */
  | { readonly type: 'usual'; readonly delivery?: Delivery };

export type AnswerScript = Answer | ((request: RecordedRequest) => Answer);

/** Ways to say what the fake answers. */
export const reply = {
  text: (text: string | readonly string[], delivery?: Delivery): Answer => message({ text }, delivery),
  calls: (calls: readonly ScriptedCall[], delivery?: Delivery): Answer => message({ calls }, delivery),
  message,
  recording: (recording: Recording, delivery?: Delivery): Answer => ({
    type: 'recording',
    recording,
    ...(delivery === undefined ? {} : { delivery }),
  }),
  error: (error: FakeError, delivery?: Delivery): Answer => ({
    type: 'refusal',
    error,
    ...(delivery === undefined ? {} : { delivery }),
  }),
  /** 429 with the hints the dialect gives. */
  rateLimited: (retryAfterSeconds: number): Answer => ({ type: 'refusal', error: { status: 429, retryAfterSeconds } }),
  errorInside: (error: FakeError, delivery?: Delivery): Answer => ({
    type: 'error-inside',
    error,
    ...(delivery === undefined ? {} : { delivery }),
  }),
  bytes: (
    body: string | Uint8Array,
    { status = 200, headers = {} }: { status?: number; headers?: Readonly<Record<string, string>> } = {},
    delivery?: Delivery,
  ): Answer => ({ type: 'bytes', status, headers, body, ...(delivery === undefined ? {} : { delivery }) }),
  /** What a login wall or a maintenance page looks like. */
  html: (status = 200): Answer => ({
    type: 'bytes',
    status,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: '<!doctype html><html><head><title>Maintenance</title></head><body><h1>We will be back</h1></body></html>',
  }),
  /** 200 with not one byte of body. */
  empty: (contentType = 'application/json'): Answer => ({
    type: 'bytes',
    status: 200,
    headers: { 'content-type': contentType },
    body: '',
  }),
  silence: (): Answer => ({ type: 'silence' }),
  hangUp: (): Answer => ({ type: 'hang-up' }),
  usual: (delivery?: Delivery): Answer => ({ type: 'usual', ...(delivery === undefined ? {} : { delivery }) }),
};

function message(content: ScriptedMessage, delivery?: Delivery): Answer {
  return { type: 'message', message: content, ...(delivery === undefined ? {} : { delivery }) };
}

/** The deltas of a scripted text. */
export function textPieces(text: ScriptedMessage['text']): readonly string[] {
  if (text === undefined) return [];
  if (typeof text !== 'string') return text;
  return text.match(/\S+\s*|\s+/g) ?? [];
}

/** The usage a message says it has: scripted, or counted from its pieces. */
export function usageOf(content: ScriptedMessage): Required<ScriptedUsage> {
  const output = textPieces(content.text).length + 10 * (content.calls?.length ?? 0);
  const { usage } = content;
  return {
    input: usage?.input ?? 12,
    cacheRead: usage?.cacheRead ?? 0,
    cacheWrite: usage?.cacheWrite ?? 0,
    output: usage?.output ?? output,
    reasoning: usage?.reasoning ?? 0,
  };
}
