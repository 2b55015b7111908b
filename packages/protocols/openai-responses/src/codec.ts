import type { ChatCodec } from '@proxycast/spec';
import { countOf, isObject } from '@proxycast/wire';
import { ACCEPTED_MEDIA } from './accepted-media.ts';
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
  encodeTokenCount: (count) => ({ object: 'response.input_tokens', input_tokens: count }),
  decodeTokenCount: (body) => (isObject(body) ? countOf(body['input_tokens']) : undefined),
  acceptedMedia: () => ACCEPTED_MEDIA,
  // Items may overlap in this dialect, but several clients take deltas to be of the item that began last.
  interleavesBlocks: false,
};
