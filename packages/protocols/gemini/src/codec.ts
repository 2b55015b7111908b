import type { ChatCodec } from '@proxycast/spec';
import { countOf, isObject } from '@proxycast/wire';
import { acceptedMedia } from './accepted-media.ts';
import { decodeAnswer } from './decode-answer.ts';
import { decodeRequest } from './decode-request.ts';
import { createStreamDecoder } from './decode-stream.ts';
import { encodeAnswer } from './encode-answer.ts';
import { encodeRequest } from './encode-request.ts';
import { createStreamEncoder } from './encode-stream.ts';

export const codec: ChatCodec = {
  decodeRequest,
  encodeRequest,
  decodeAnswer,
  encodeAnswer,
  createStreamDecoder,
  createStreamEncoder,
  encodeTokenCount: (count) => ({ totalTokens: count }),
  decodeTokenCount: (body) => (isObject(body) ? countOf(body.totalTokens) : undefined),
  acceptedMedia,
  // Chunks carry no mark of the block a piece of text belongs to.
  interleavesBlocks: false,
  streamFraming: (query) => (query.get('alt') === 'sse' ? 'sse' : 'json-array'),
  streamQuery: '?alt=sse',
};
