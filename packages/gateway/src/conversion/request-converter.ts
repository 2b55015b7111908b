import type { PlannedProvider } from '@proxycast/routing';
import type { Exchange } from '../exchange.ts';
import type { BufferBudget } from '../stages/buffer-budget.ts';
import type { ClientRequest } from '../stages/read-request.ts';
import { RequestMedia } from '../stages/resolve-media.ts';
import { type AttemptDialects, codecOf } from './attempt-dialects.ts';
import { type ConversionOutcome, type ConvertedRequest, convertRequest } from './convert-request.ts';
import { requestConversionOf } from './request-conversion-of.ts';

/** A larger body is converted in a thread of its own: a megabyte takes some ten milliseconds, which streams would feel. */
const MAX_CONVERTED_HERE_BYTES = 512 * 1024;

export type ConversionResult =
  | { readonly type: 'converted'; readonly converted: ConvertedRequest }
  | { readonly type: 'refused'; readonly cause: unknown };

/** Converts one client's request for each provider of its plan; what addresses lead to is fetched once for all. */
export class RequestConverter {
  /** How long it was waited for files from elsewhere, in all. */
  waitedMs = 0;

  readonly #exchange: Exchange;
  readonly #request: ClientRequest;
  readonly #budget: BufferBudget;
  #media: RequestMedia | undefined;

  constructor(parts: { readonly exchange: Exchange; readonly request: ClientRequest; readonly budget: BufferBudget }) {
    this.#exchange = parts.exchange;
    this.#request = parts.request;
    this.#budget = parts.budget;
  }

  /** Calls back before it returns where neither a thread nor a file has to be waited for. */
  convert(planned: PlannedProvider, dialects: AttemptDialects, done: (result: ConversionResult) => void): void {
    const exchange = this.#exchange;
    const { body } = this.#request;
    const { convertLarge } = exchange.parts;
    const refuse = (cause: unknown): void => done({ type: 'refused', cause });
    const goOn = (outcome: ConversionOutcome): void => {
      if (outcome.type === 'converted') done({ type: 'converted', converted: outcome });
      else this.#fetch(outcome, () => this.convert(planned, dialects, done), refuse);
    };
    // Where the body passes as it is, nothing in it is looked at.
    const media = dialects.convertsRequest ? this.#mediaOf() : undefined;
    const conversion = requestConversionOf(exchange, this.#request, planned, media?.files);
    const bytes = media?.files.reduce((sum, file) => sum + file.bytes.length, body.length) ?? body.length;
    if (bytes > MAX_CONVERTED_HERE_BYTES && convertLarge !== undefined) {
      convertLarge(body, { client: dialects.client.id, upstream: dialects.upstream.id }, conversion).then(goOn, refuse);
      return;
    }
    let outcome: ConversionOutcome;
    try {
      const codecs = { client: codecOf(dialects.client), upstream: codecOf(dialects.upstream) };
      outcome = convertRequest(body.joined(), codecs, conversion);
    } catch (cause) {
      refuse(cause);
      return;
    }
    goOn(outcome);
  }

  /** The request is answered or given up: nothing more is fetched, and what was is no longer held. */
  release(): void {
    this.#media?.release();
  }

  #mediaOf(): RequestMedia | undefined {
    const { fetchMedia } = this.#exchange.parts;
    if (fetchMedia === undefined || !this.#exchange.snapshot.settings.media.fetchesUrls) return undefined;
    this.#media ??= new RequestMedia({ exchange: this.#exchange, fetchMedia, budget: this.#budget });
    return this.#media;
  }

  #fetch(
    { wanted }: Extract<ConversionOutcome, { readonly type: 'needs-media' }>,
    then: () => void,
    refuse: (cause: unknown) => void,
  ): void {
    const { monotonicMs } = this.#exchange.parts;
    const startedMs = monotonicMs();
    const fetched = this.#mediaOf()?.fetch(wanted) ?? Promise.resolve();
    fetched
      .finally(() => {
        this.waitedMs += monotonicMs() - startedMs;
      })
      .then(then, refuse);
  }
}
