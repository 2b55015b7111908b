import type { PluginCall, UpstreamCall } from '@proxycast/spec';
import type { AttemptDialects } from '../conversion/attempt-dialects.ts';
import { renderChanges } from '../conversion/render-changes.ts';
import type { AttemptKeeping } from '../keeping/attempt-keeping.ts';
import { answerPathOf } from './answer-path-of.ts';
import { bodyToSend } from './body-to-send.ts';
import { callBody } from './call-body.ts';
import { isOwnDialect, isStreamAsked, type Outgoing, ownBody } from './outgoing.ts';
import { requestHeadersOf } from './request-headers-of.ts';
import { type AttemptOwner, UpstreamAttempt } from './upstream-attempt.ts';
import type { UpstreamPools } from './upstream-pools.ts';

/** Sends a call as its provider prepared it. */
export function sendOutgoing(
  outgoing: Outgoing,
  call: UpstreamCall | PluginCall,
  parts: {
    readonly owner: AttemptOwner;
    readonly keeping: AttemptKeeping;
    readonly pools: UpstreamPools;
    /** What its answer is read and written in, where the provider says; absent: as the request is asked. */
    readonly answer?: AttemptDialects;
  },
): void {
  const { exchange, planned, transport, credential, converted, request } = outgoing;
  const { owner, keeping, pools, answer: dialects = outgoing.dialects } = parts;
  const plugin = 'reading' in call ? call : undefined;
  const place = keeping.placeOf(
    planned,
    converted?.bridge === undefined ? dialects : { ...dialects, convertsAnswer: true },
  );
  // A large body was not looked through before it was parsed.
  const isRefused = converted?.request.store === false && !exchange.isSocket;
  const kept = keeping.begin(planned, credential, isRefused ? undefined : place);
  const body = callBody(ownBody(outgoing), call);
  const attempt = new UpstreamAttempt(owner, {
    planned,
    credential,
    isStream: isStreamAsked(outgoing),
    requestBytes: body.length,
    protocol: dialects.upstream,
    path: answerPathOf(exchange, {
      planned,
      dialects,
      converted,
      isStreamAsked: isStreamAsked(outgoing),
      requestBytes: request.body.length,
      kept,
      passed: keeping.passed,
      plugin,
    }),
    changed: changesOf(outgoing, plugin),
    release: plugin?.reading.type === 'dialect' ? plugin.abandon : undefined,
  });
  exchange.running = attempt;
  const method = plugin?.method ?? exchange.match.endpoint.method;
  const send = (authorization: readonly string[]): void => {
    const headers = requestHeadersOf(exchange, {
      fromProvider: call.headers,
      fromCodec: converted?.headers,
      authorization,
      bodyBytes: body.length,
      isSameDialect: isOwnDialect(outgoing),
    });
    pools.get(call.origin).dispatch(
      {
        path: call.path,
        method,
        headers,
        body: bodyToSend(body),
        // The attempt looks after its own time limits.
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      attempt,
    );
  };
  const authorization =
    transport.type === 'http'
      ? transport.authorize?.({ call, method: exchange.match.endpoint.method, body: body.chunks, credential })
      : undefined;
  if (authorization instanceof Promise) authorization.then(send).catch((cause: unknown) => attempt.refuseUnsent(cause));
  else send(authorization ?? []);
}

/** What conversion and provider changed, for the client to read. */
function changesOf({ dialects, converted }: Outgoing, plugin: PluginCall | undefined): string {
  const own = converted === undefined || !dialects.convertsRequest ? [] : converted.changes;
  const theirs = plugin?.changed ?? [];
  if (own.length === 0 && theirs.length === 0) return '';
  return renderChanges([...own, ...theirs.map((field) => ({ field, action: 'changed' as const }))]);
}
