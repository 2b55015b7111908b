import { foldAnswer } from '@proxycast/conversion';
import type { PlannedProvider } from '@proxycast/routing';
import { type EncodeAnswerContext, InvalidRequestError, type LocalTransport, type TokenUsage } from '@proxycast/spec';
import type { Exchange } from '../exchange.ts';
import { answeredRequestOf } from '../keeping/answered-request-of.ts';
import type { ClientRequest } from '../stages/read-request.ts';

/** An answer made inside ProxyCast, ready to be sent. */
export interface LocalAnswer {
  readonly contentType: string;
  readonly body: Buffer;
  readonly usage?: TokenUsage;
}

/** Answers from a provider that needs no network. Throws InvalidRequestError for what the dialect does not allow. */
export function answerLocally(
  exchange: Exchange,
  planned: PlannedProvider,
  transport: LocalTransport,
  request: ClientRequest,
  kept: EncodeAnswerContext['kept'],
): LocalAnswer {
  const { codec } = exchange.protocol;
  const { endpoint } = exchange.match;
  const output = exchange.outputProtocol.codec;
  if (codec === undefined || output === undefined) {
    throw new InvalidRequestError({
      code: 'protocol_not_served',
      message: `${planned.provider.id} does not answer in this dialect.`,
    });
  }
  const body: unknown = JSON.parse(request.body.joined().toString('utf8'));
  const chat = codec.decodeRequest(body, {
    isStream: request.isStream,
    isTokenCount: endpoint.operation === 'count-tokens',
    ...(endpoint.model === 'path' ? { pathModel: request.model } : {}),
  });
  if (endpoint.operation === 'count-tokens') {
    return json(codec.encodeTokenCount(transport.countTokens(chat)), undefined);
  }
  const events = transport.answer(chat);
  const encoding = {
    request: answeredRequestOf(exchange, chat, kept !== undefined),
    nowMs: exchange.parts.now(),
    ...(kept === undefined ? {} : { kept }),
  };
  const usage = events.find((event) => event.type === 'usage')?.usage;
  if (!request.isStream) {
    const whole = foldAnswer(events, { id: exchange.requestId, model: planned.model });
    return json(output.encodeAnswer(whole, encoding), usage);
  }
  const framing = output === codec ? codec.streamFraming?.(new URLSearchParams(exchange.query)) : undefined;
  const encoder = output.createStreamEncoder({ ...encoding, framing: framing ?? 'sse' });
  return {
    contentType: framing === 'json-array' ? 'application/json; charset=utf-8' : 'text/event-stream; charset=utf-8',
    body: Buffer.from(encoder.push(events) + encoder.end()),
    ...(usage === undefined ? {} : { usage }),
  };
}

function json(value: unknown, usage: TokenUsage | undefined): LocalAnswer {
  return {
    contentType: 'application/json; charset=utf-8',
    body: Buffer.from(JSON.stringify(value)),
    ...(usage === undefined ? {} : { usage }),
  };
}
