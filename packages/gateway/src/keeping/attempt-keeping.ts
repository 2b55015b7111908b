import type { PlannedProvider } from '@proxycast/routing';
import type { Credential, EncodeAnswerContext, Provider } from '@proxycast/spec';
import type { AttemptDialects } from '../conversion/attempt-dialects.ts';
import type { Exchange } from '../exchange.ts';
import type { ClientRequest } from '../stages/read-request.ts';
import type { UpstreamAttempt } from '../upstream/upstream-attempt.ts';
import { type AnsweredBy, recordOfFinished, recordOfPassed } from './kept-record.ts';
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
  #isNoted = false;

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
    this.#isNoted = false;
    const { keeping } = this.#exchange.protocol;
    this.passed =
      place === 'passed' && keeping !== undefined
        ? new PassedAnswer(keeping.finalWords, (passed) => this.#notePassed(passed, { planned, credential }))
        : undefined;
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
   * The first bytes of an attempt's answer are about to leave. Whose it is has to be known before its client can name it, and a
   * client may do that with the last event, before the upstream has closed.
   */
  opened(attempt: UpstreamAttempt): void {
    if (this.#place === 'service') this.#noteService(attempt);
  }

  /** What could not be seen before: a whole answer that passed in pieces, a last event that did. */
  ended(attempt: UpstreamAttempt): void {
    if (this.#isNoted) return;
    if (this.#place === 'service') this.#noteService(attempt);
    else if (this.passed !== undefined) this.#notePassed(this.passed, attempt);
  }

  #noteService(attempt: UpstreamAttempt): void {
    const exchange = this.#exchange;
    const { kept } = exchange;
    const { excerpt } = attempt;
    const passed = excerpt === undefined ? undefined : exchange.protocol.keeping?.readPassed(excerpt);
    if (kept === undefined || passed === undefined) return;
    this.#isNoted = true;
    if (passed.isKept) kept.save(recordOfPassed(exchange, kept, attempt, passed.id));
    else if (kept.isSure && kept.isAsked) this.#forgetful.add(attempt.planned.provider);
  }

  #notePassed(passed: PassedAnswer, by: AnsweredBy): void {
    const exchange = this.#exchange;
    const { kept } = exchange;
    const text = passed.text();
    const finished = text === undefined ? undefined : exchange.protocol.keeping?.readFinished(text, passed.framing);
    if (kept === undefined || finished === undefined) return;
    this.#isNoted = true;
    kept.save({ ...recordOfFinished(exchange, kept, by, finished), id: finished.id });
  }
}
