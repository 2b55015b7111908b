import type { PlannedProvider } from '@proxycast/routing';
import type { EncodeAnswerContext, PluginCall } from '@proxycast/spec';
import { AnswerConverter } from '../conversion/answer-converter.ts';
import { type AttemptDialects, codecOf } from '../conversion/attempt-dialects.ts';
import type { ConvertedRequest } from '../conversion/convert-request.ts';
import { originOf } from '../conversion/request-conversion-of.ts';
import type { Exchange } from '../exchange.ts';
import { answeredRequestOf } from '../keeping/answered-request-of.ts';
import type { PassedAnswer } from '../keeping/passed-answer.ts';
import type { AnswerPath } from './answer-path.ts';
import { ConvertPath } from './convert-path.ts';
import { ForeignPath } from './foreign-path.ts';
import { PassPath } from './pass-path.ts';
import { UnwrapPath } from './unwrap-path.ts';

/** A rough average over languages, JSON included: clients are shown a plausible context size before the true one comes. */
const BYTES_PER_TOKEN = 4;

export interface PathInput {
  readonly planned: PlannedProvider;
  readonly dialects: AttemptDialects;
  readonly converted: ConvertedRequest | undefined;
  readonly isStreamAsked: boolean;
  /** Of the client's body. */
  readonly requestBytes: number;
  /** How the answer is kept; absent where it is not kept here. */
  readonly kept?: EncodeAnswerContext['kept'];
  /** Gets all bytes of an answer that passes and is kept. */
  readonly passed?: PassedAnswer | undefined;
  /** How the provider says that the answer is read. */
  readonly plugin?: PluginCall | undefined;
}

/** The way of an attempt's answer to the client: as bytes where it may, else through the neutral events. */
export function answerPathOf(
  exchange: Exchange,
  { planned, dialects, converted, isStreamAsked, requestBytes, kept, passed, plugin }: PathInput,
): AnswerPath {
  const { operation, method } = exchange.match.endpoint;
  const { client, upstream, output } = dialects;
  // What a bridge renamed or wrapped has to be put back, even where the dialects match.
  const reading = plugin?.reading;
  const unwrap = reading?.type === 'dialect' ? reading.unwrap : undefined;
  if (converted === undefined || (!dialects.convertsAnswer && converted.bridge === undefined)) {
    const path = new PassPath({ protocol: output, operation, isStreamAsked, mayBeEmpty: method !== 'POST', passed });
    return unwrap === undefined ? path : new UnwrapPath(unwrap, path);
  }
  const outputCodec = codecOf(output);
  const framing = output === client ? outputCodec.streamFraming?.(new URLSearchParams(exchange.query)) : undefined;
  const origin = originOf(exchange, planned);
  const converter = new AnswerConverter({
    upstream: codecOf(upstream),
    client: outputCodec,
    decoding: { origin, fallbackId: exchange.requestId, model: planned.model },
    encoding: {
      request: answeredRequestOf(exchange, converted.request, kept !== undefined),
      nowMs: exchange.parts.now(),
      estimatedInputTokens: Math.ceil(requestBytes / BYTES_PER_TOKEN),
      ...(kept === undefined ? {} : { kept }),
    },
    framing: framing ?? 'sse',
    ...(converted.bridge === undefined ? {} : { bridge: converted.bridge }),
  });
  if (reading?.type === 'foreign') {
    return new ForeignPath({ reading, abandon: plugin?.abandon, origin, isStreamAsked, converter });
  }
  return new ConvertPath({ upstream, operation, isStreamAsked, converter, unwrap });
}
