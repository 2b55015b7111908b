import type { PlannedProvider } from '@proxycast/routing';
import type { RequestId } from '@proxycast/spec';

/** What an answer's head says of the way it came: name, value, name, value. */
export function answerHead(facts: {
  readonly requestId: RequestId;
  readonly planned: PlannedProvider;
  readonly attemptNumber: number;
  readonly overheadMs: number;
  readonly contentType: string | undefined;
}): string[] {
  const { requestId, planned, attemptNumber, overheadMs, contentType } = facts;
  const head = [
    'x-request-id',
    requestId,
    'x-proxycast-provider',
    planned.provider.id,
    'x-proxycast-attempts',
    String(attemptNumber),
    'x-proxycast-overhead-ms',
    overheadMs.toFixed(2),
  ];
  if (contentType !== undefined) head.push('content-type', contentType);
  if (planned.model !== '') head.push('x-proxycast-model', headerText(planned.model));
  return head;
}

/** Header values are Latin-1 on the wire; a model name need not be. */
function headerText(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : encodeURIComponent(text);
}
