import type { PluginCall, PluginTransport } from '@proxycast/spec';
import { answerPathOf } from './answer-path-of.ts';
import type { Refusal } from './classify-failure.ts';
import { callInputOf, isStreamAsked, type Outgoing } from './outgoing.ts';
import { OutgoingContext } from './outgoing-context.ts';
import { type AttemptOwner, UpstreamAttempt } from './upstream-attempt.ts';

export interface PluginAsking {
  readonly owner: AttemptOwner;
  /** Whether nobody waits for the call any more. */
  readonly isOver: () => boolean;
  readonly send: (call: PluginCall) => void;
}

/** Has a plugin say how its service is called: at once from a lease, else when it has answered. */
export function askPlugin(outgoing: Outgoing, transport: PluginTransport, { owner, isOver, send }: PluginAsking): void {
  const prepared = transport.prepare(callInputOf(outgoing), new OutgoingContext(outgoing, owner.attemptNumber));
  if (!(prepared instanceof Promise)) {
    send(prepared);
    return;
  }
  prepared.then(
    (answer) => {
      if (isOver()) {
        if (!('refused' in answer)) answer.abandon?.();
      } else if ('refused' in answer) refuseUnsent(owner, outgoing, answer.refused.error, answer.refused.next);
      else send(answer);
    },
    (cause: unknown) => {
      if (!isOver()) refuseUnsent(owner, outgoing, cause);
    },
  );
}

/** The call was not made. */
function refuseUnsent(owner: AttemptOwner, outgoing: Outgoing, cause: unknown, next?: Refusal['next']): void {
  const { exchange, planned, credential, dialects, converted } = outgoing;
  const isStream = isStreamAsked(outgoing);
  const attempt = new UpstreamAttempt(owner, {
    planned,
    credential,
    isStream,
    requestBytes: 0,
    protocol: dialects.upstream,
    path: answerPathOf(exchange, { planned, dialects, converted, isStreamAsked: isStream, requestBytes: 0 }),
    changed: '',
  });
  attempt.refuseUnsent(cause, next);
}
