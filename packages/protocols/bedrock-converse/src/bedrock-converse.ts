import { parseProtocolId, type UpstreamCodec, type UpstreamProtocol } from '@proxycast/spec';
import { ACCEPTED_MEDIA } from './accepted-media.ts';
import { decodeAnswer } from './decode-answer.ts';
import { decodeError, findErrorInAnswer } from './decode-error.ts';
import { createStreamDecoder } from './decode-stream.ts';
import { decodeTokenCount } from './decode-token-count.ts';
import { encodeRequest } from './encode-request.ts';

const ID = parseProtocolId('bedrock-converse');

const codec: UpstreamCodec = {
  encodeRequest,
  decodeAnswer,
  createStreamDecoder,
  decodeTokenCount,
  acceptedMedia: () => ACCEPTED_MEDIA,
};

/** The dialect of Bedrock's `/model/{id}/converse`, `/converse-stream` and `/count-tokens`. */
export const bedrockConverse: UpstreamProtocol & { readonly codec: UpstreamCodec } = {
  id: ID,
  base: ID,
  forwardedResponseHeaders: ['x-amzn-requestid', 'retry-after'],
  framingOf: (contentType) =>
    contentType.startsWith('application/vnd.amazon.eventstream') ? 'aws-event-stream' : undefined,
  decodeError,
  findErrorInAnswer,
  codec,
};
