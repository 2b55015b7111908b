import { type ChatCodec, InvalidRequestError } from '@proxycast/spec';
import { createAcceptedMedia } from './accepted-media.ts';
import type { ChatQuirks } from './chat-variant.ts';
import { decodeAnswer } from './decode-answer.ts';
import { decodeRequest } from './decode-request.ts';
import { createStreamDecoder } from './decode-stream.ts';
import { encodeAnswer } from './encode-answer.ts';
import { encodeRequest } from './encode-request.ts';
import { createStreamEncoder } from './encode-stream.ts';

/** The conversion of the dialect as a service with these quirks speaks it. */
export function createCodec(quirks: ChatQuirks): ChatCodec {
  const { inlineThinking } = quirks;
  return {
    decodeRequest,
    encodeRequest: (request, context) => encodeRequest(request, context, quirks),
    decodeAnswer: (body, context) => decodeAnswer(body, { ...context, inlineThinking }),
    encodeAnswer,
    createStreamDecoder: (context) => createStreamDecoder({ ...context, inlineThinking }),
    createStreamEncoder,
    encodeTokenCount() {
      throw new InvalidRequestError({ message: 'Chat Completions has no way to count tokens.' });
    },
    decodeTokenCount: () => undefined,
    acceptedMedia: createAcceptedMedia(quirks),
    interleavesBlocks: true,
  };
}
