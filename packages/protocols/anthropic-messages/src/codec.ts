import type { ChatCodec } from '@proxycast/spec';
import { ACCEPTED_MEDIA } from './accepted-media.ts';
import { decodeAnswer } from './decode-answer.ts';
import { decodeRequest } from './decode-request.ts';
import { createStreamDecoder } from './decode-stream.ts';
import { decodeTokenCount } from './decode-token-count.ts';
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
  encodeTokenCount: (count) => ({ input_tokens: count }),
  decodeTokenCount,
  acceptedMedia: () => ACCEPTED_MEDIA,
  interleavesBlocks: false,
};
