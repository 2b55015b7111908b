import {
  createBlockSerialiser,
  createStopReasonSettler,
  createToolRestorer,
  restoreToolBlocks,
} from '@proxycast/conversion';
import type { ChatRequest, EncodeAnswerContext, Frame, JsonObject, StreamEvent, ToolBridge } from '@proxycast/spec';
import { readSseFrames } from '@proxycast/wire';
import type { ConformanceDialect } from './conformance-dialect.ts';

export interface AnswerWay {
  readonly from: ConformanceDialect;
  readonly to: ConformanceDialect;
  /** What the client asked; absent: a plain question in its own dialect. */
  readonly request?: ChatRequest;
  readonly bridge?: ToolBridge;
  readonly origin?: string;
  /** How the client asked the stream to be framed; absent: events. */
  readonly framing?: 'sse' | 'json-array';
}

/** 2026-03-01T00:00:00Z. */
export const NOW_MS = 1_772_323_200_000;

/** Where an upstream of that dialect stands in these tests. */
export const originOf = (dialect: ConformanceDialect): string => `${dialect.id}:recorded`;

/** A stream on its way through the gateway: the same steps in the same order. `push` and `end` give the text for the client. */
export function createStreamConversion(way: AnswerWay): {
  push(frames: readonly Frame[]): string;
  end(): string;
  /** Every event that reached the encoder. */
  readonly events: readonly StreamEvent[];
} {
  const { from, to, bridge } = way;
  const decoder = from.codec.createStreamDecoder(decodingOf(way));
  const encoder = to.codec.createStreamEncoder({ ...encodingOf(way), framing: way.framing ?? 'sse' });
  const steps: ((events: readonly StreamEvent[]) => readonly StreamEvent[])[] = [];
  if (bridge !== undefined) steps.push(createToolRestorer(bridge));
  steps.push(createStopReasonSettler());
  if (!to.codec.interleavesBlocks) steps.push(createBlockSerialiser());
  const seen: StreamEvent[] = [];
  const write = (decoded: readonly StreamEvent[]): string => {
    const events = steps.reduce((before, step) => step(before), decoded);
    seen.push(...events);
    return encoder.push(events);
  };
  return {
    push: (frames) => write(decoder.push(frames)),
    end: () => write(decoder.end()) + encoder.end(),
    events: seen,
  };
}

/** The whole stream, converted. */
export function convertStream(
  way: AnswerWay,
  frames: readonly Frame[],
): { readonly text: string; readonly events: readonly StreamEvent[] } {
  const conversion = createStreamConversion(way);
  let text = '';
  for (const frame of frames) text += conversion.push([frame]);
  text += conversion.end();
  return { text, events: conversion.events };
}

export function convertBody(way: AnswerWay, body: unknown): JsonObject {
  const decoded = way.from.codec.decodeAnswer(body, decodingOf(way));
  const restored = way.bridge === undefined ? decoded : restoreToolBlocks(decoded, way.bridge);
  return way.to.codec.encodeAnswer(restored, encodingOf(way));
}

/** Frames with data; a last one without its blank line counts, as several services leave it out. */
export function framesOf(stream: Buffer | string): readonly Frame[] {
  const text = typeof stream === 'string' ? stream : stream.toString('utf8');
  return [...readSseFrames(`${text}\n\n`)];
}

export function decodingOf({ from, origin }: AnswerWay) {
  return { origin: origin ?? originOf(from), fallbackId: 'fallback-id', model: 'fallback-model' };
}

export function encodingOf({ to, request }: AnswerWay): EncodeAnswerContext {
  return { request: request ?? plainRequest(to), nowMs: NOW_MS };
}

export function plainRequest(dialect: ConformanceDialect): ChatRequest {
  return {
    protocol: dialect.id,
    model: 'client-model',
    stream: true,
    turns: [{ role: 'user', blocks: [{ type: 'text', text: 'Go on.' }] }],
    tools: [],
    includeUsage: true,
  };
}
