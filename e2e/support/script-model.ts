import { type Answer, reply } from '@proxycast/testkit';
import { type ModelRequest, offersTools, readConversation } from './read-conversation.ts';

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
