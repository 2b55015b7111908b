import { openaiChat } from '@proxycast/protocol-openai-chat';
import type { Frame, StreamDecoder, StreamEvent } from '@proxycast/spec';

// What the plugin does, and what the same thing costs in process: one text of it for both.

/** The body in the service's own form: parsed, changed below the top, written again. */
export function wrapBody(body: Uint8Array): Uint8Array {
  const request: unknown = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
  return Buffer.from(JSON.stringify({ conversation: request, profile: 'bench', source: 'cli' }));
}

const CONTEXT = { origin: 'openai:bench', fallbackId: 'answer', model: 'bench' };

/** The service's stream: a dialect that takes a real decoder. */
export function createOwnDecoder(): StreamDecoder {
  const { codec } = openaiChat;
  if (codec === undefined) throw new TypeError('The dialect has no codec.');
  return codec.createStreamDecoder(CONTEXT);
}

export const decodeOwn = (decoder: StreamDecoder, frames: readonly Frame[]): readonly StreamEvent[] =>
  decoder.push(frames);
