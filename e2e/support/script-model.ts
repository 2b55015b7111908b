import { type Answer, reply } from '@proxycast/testkit';
import { type ModelRequest, offersTools, readConversation } from './read-conversation.ts';
import { readObject } from './read-object.ts';

/** What one prompt sets off: the model's answers, one after each round of results. */
export interface Errand {
  /** Words of the prompt by which it is known. */
  readonly mark: string;
  /** `said` is the whole request as JSON. */
  readonly steps: readonly ((said: string, request: ModelRequest) => Answer)[];
}

/**
 * A model that does errands. How far the last one is it knows from the conversation alone, as a real one would: what a client
 * or ProxyCast lost on the way is missing in the result.
 */
export function scriptModel(errands: readonly Errand[]): (request: ModelRequest) => Answer {
  return (request) => {
    if (asksForThread(request)) return NO_THREADS;
    if (!offersTools(request)) return reply.text('A side task');
    const entries = readConversation(request);
    const begun = errands
      .map((errand) => ({
        errand,
        at: entries.findLastIndex(({ isResult, json }) => !isResult && json.includes(errand.mark)),
      }))
      .filter(({ at }) => at >= 0)
      .sort((one, other) => one.at - other.at)
      .at(-1);
    if (begun === undefined) return reply.text('No errand');
    const behind = entries.slice(begun.at + 1);
    const rounds = behind.filter(({ isResult }, index) => isResult && behind[index - 1]?.isResult !== true).length;
    const { steps } = begun.errand;
    const step = steps[Math.min(rounds, steps.length - 1)];
    return step === undefined ? reply.text('Nothing to do') : step(JSON.stringify(request.json), request);
  };
}

/** Whether the client wants the service to keep the conversation, which this one does not. */
export function asksForThread({ json }: ModelRequest): boolean {
  return readObject(json).thread !== undefined;
}

/** As Anthropic refuses a thread it cannot hold: the SDK's tool runner then sends the whole conversation each time. */
const NO_THREADS = reply.bytes(
  JSON.stringify({
    type: 'error',
    error: {
      type: 'invalid_request_error',
      message: 'This request cannot be part of a thread.',
      details: { error_code: 'thread_unsupported_request', unsupported: ['thread'] },
    },
  }),
  { status: 400, headers: { 'content-type': 'application/json' } },
);
