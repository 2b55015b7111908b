import type { PlannedProvider } from '@proxycast/routing';
import type { AnswerExcerpt, Credential, EncodeAnswerContext, Provider } from '@proxycast/spec';
import type { AttemptDialects } from '../conversion/attempt-dialects.ts';
import type { Exchange } from '../exchange.ts';
import type { ClientRequest } from '../stages/read-request.ts';
import type { UpstreamAttempt } from '../upstream/upstream-attempt.ts';
import { recordOfFinished, recordOfPassed } from './kept-record.ts';
import type { KeptPlace } from './kept-turn.ts';
import { PassedAnswer } from './passed-answer.ts';
import { refusesKeeping } from './read-keeping-wish.ts';

/** How the answers to one request's attempts are kept. */
export class AttemptKeeping {
  /** Gets all bytes of an answer that passes and is kept here. */
  passed: PassedAnswer | undefined;

  readonly #exchange: Exchange;
  readonly #request: ClientRequest;
  readonly #forgetful: WeakSet<Provider>;
  /** Of the running attempt. */
  #place: KeptPlace | undefined;

  constructor(parts: {
    readonly exchange: Exchange;
    readonly request: ClientRequest;
    /** Services that were believed to keep answers, and said of one that they did not. */
    readonly forgetful: WeakSet<Provider>;
  }) {
    this.#exchange = parts.exchange;
    this.#request = parts.request;
    this.#forgetful = parts.forgetful;
  }

  /**
   * How the answer to this attempt is kept: by its service; here, from the bytes that pass; here, as it is written with an id
   * of ours; or by nobody.
   */
  placeOf({ provider }: PlannedProvider, dialects: AttemptDialects): KeptPlace | undefined {
    const { kept, protocol, match, snapshot, isSocket } = this.#exchange;
    // Another output dialect has no place for the id.
    if (kept === undefined || match.endpoint.operation !== 'chat' || dialects.output !== dialects.client)
      return undefined;
    const isOff = !snapshot.settings.keepsResponses && !isSocket;
    if (dialects.convertsAnswer || kept.isHere) return isOff ? undefined : 'written';
    if (provider.keepsAnswers === true && !this.#forgetful.has(provider)) return 'service';
    const isRefused =
      !kept.isSure && protocol.keeping !== undefined && refusesKeeping(this.#request.body, protocol.keeping);
    return isOff || isRefused ? undefined : 'passed';
  }

  /** An attempt is about to be sent. Answers how its writer hands the answer over, where it is written here. */
  begin(
    planned: PlannedProvider,
    credential: Credential,
    place: KeptPlace | undefined,
  ): EncodeAnswerContext['kept'] | undefined {
    this.#place = place;
    this.passed = place === 'passed' ? new PassedAnswer() : undefined;
    return place === 'written' ? this.handOver(planned, credential) : undefined;
  }

  handOver(planned: PlannedProvider, credential: Credential | undefined): EncodeAnswerContext['kept'] | undefined {
    const exchange = this.#exchange;
    const { kept } = exchange;
    if (kept === undefined) return undefined;
    return {
      id: kept.id,
      finished: (answer) => kept.save(recordOfFinished(exchange, kept, { planned, credential }, answer)),
    };
  }

  /**
   * An attempt's answer has ended; of one whose bytes have passed it is noted now. A client may leave with the last event, before
   * the upstream has closed.
   */
  ended(attempt: UpstreamAttempt, outcome: 'answered' | 'cut' | 'client-left'): void {
    const exchange = this.#exchange;
    const { kept } = exchange;
    const { keeping } = exchange.protocol;
    if (kept === undefined || keeping === undefined) return;
    const { excerpt } = attempt;
    switch (this.#place) {
      case 'passed': {
        const text = this.passed?.text();
        const finished = text === undefined ? undefined : keeping.readFinished(text, this.passed?.framing ?? 'whole');
        if (finished !== undefined) {
          kept.save({ ...recordOfFinished(exchange, kept, attempt, finished), id: finished.id });
        }
        return;
      }
      case 'service': {
        if (excerpt === undefined || !(outcome === 'answered' || kept.isBackground || isComplete(exchange, excerpt)))
          return;
        const passed = keeping.readPassed(excerpt);
        if (passed === undefined) return;
        if (passed.isKept) kept.save(recordOfPassed(exchange, kept, attempt, passed.id));
        else if (kept.isSure && kept.isAsked) this.#forgetful.add(attempt.planned.provider);
        return;
      }
      default:
    }
  }
}

const isComplete = ({ protocol }: Exchange, excerpt: AnswerExcerpt): boolean => protocol.isStreamComplete(excerpt);
