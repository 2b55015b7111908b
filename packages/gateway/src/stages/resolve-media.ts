import { mediaKey, type WantedMedia } from '@proxycast/conversion';
import { FetchRefusedError, InvalidRequestError, ProxyCastError } from '@proxycast/spec';
import type { FetchedFile } from '../conversion/convert-request.ts';
import type { Exchange } from '../exchange.ts';
import type { FetchMedia } from '../media-settings.ts';
import { type BufferBudget, memoryFull } from './buffer-budget.ts';

const AT_A_TIME = 6;

/**
 * Between decoding and encoding: the files behind addresses that the upstream does not read, each fetched once for all
 * attempts of a request. All bounds are of the request as a whole.
 */
export class RequestMedia {
  /** Fetched so far. */
  readonly files: FetchedFile[] = [];

  readonly #exchange: Exchange;
  readonly #fetchMedia: FetchMedia;
  readonly #budget: BufferBudget;
  readonly #refusals = new Map<string, ProxyCastError>();
  /** Made when something is fetched: aborting costs more than all the rest of a small request's conversion. */
  #end: AbortController | undefined;
  #bytes = 0;

  constructor(parts: { readonly exchange: Exchange; readonly fetchMedia: FetchMedia; readonly budget: BufferBudget }) {
    this.#exchange = parts.exchange;
    this.#fetchMedia = parts.fetchMedia;
    this.#budget = parts.budget;
  }

  /** Rejects with a ProxyCastError that names the field; what else was under way then ends. */
  async fetch(wanted: readonly WantedMedia[]): Promise<void> {
    const { maxFiles } = this.#exchange.snapshot.settings.media;
    if (this.files.length + wanted.length > maxFiles) {
      throw new InvalidRequestError({
        code: 'too_many_media_urls',
        message: `More than ${maxFiles} files would have to be fetched for this request (setting media.max_files). Send fewer addresses.`,
      });
    }
    const batch = new AbortController();
    this.#end ??= new AbortController();
    const signal = AbortSignal.any([this.#end.signal, batch.signal]);
    const waiting = wanted.values();
    const work = async (): Promise<void> => {
      for (const media of waiting) await this.#fetchOne(media, signal);
    };
    try {
      await Promise.all(Array.from({ length: Math.min(AT_A_TIME, wanted.length) }, work));
    } catch (cause) {
      batch.abort();
      throw cause;
    }
  }

  /** Nothing of it is needed any more. */
  release(): void {
    if (this.#end === undefined) return;
    this.#end.abort();
    this.#budget.usedBytes -= this.#bytes;
    this.#bytes = 0;
    this.files.length = 0;
  }

  async #fetchOne(media: WantedMedia, signal: AbortSignal): Promise<void> {
    const key = mediaKey(media);
    // Another provider of the plan may want what could not be fetched for the one before.
    const known = this.#refusals.get(key);
    if (known !== undefined) throw known;
    const { maxFileBytes, timeoutMs, allowsHttp, trustedHosts } = this.#exchange.snapshot.settings.media;
    try {
      const { mediaType, bytes } = await this.#fetchMedia(media.url, {
        mediaTypes: media.types,
        maxBytes: Math.min(maxFileBytes, media.maxBytes ?? maxFileBytes),
        timeoutMs,
        allowsHttp,
        trustedHosts,
        signal,
        count: (count) => this.#count(count),
      });
      signal.throwIfAborted();
      // Both threads see it: a body with files is converted in the other one, perhaps several times.
      const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
      shared.set(bytes);
      this.files.push({ kind: media.kind, url: media.url, mediaType, bytes: shared });
    } catch (cause) {
      if (!(cause instanceof ProxyCastError)) throw cause;
      const error = cause instanceof FetchRefusedError ? namingField(cause, media.field) : cause;
      if (error.fault === 'client') this.#refusals.set(key, error);
      throw error;
    }
  }

  #count(bytes: number): void {
    const { settings } = this.#exchange.snapshot;
    const { maxTotalBytes } = settings.media;
    // Given up meanwhile.
    this.#end?.signal.throwIfAborted();
    this.#bytes += bytes;
    this.#budget.usedBytes += bytes;
    if (this.#bytes > maxTotalBytes) {
      throw new InvalidRequestError({
        code: 'media_too_large',
        message: `The files at the addresses of this request are larger than ${maxTotalBytes} bytes together (setting media.max_total_bytes).`,
      });
    }
    if (this.#budget.usedBytes > settings.maxBufferedBytes) throw memoryFull();
  }
}

const namingField = (cause: FetchRefusedError, field: string): FetchRefusedError =>
  new FetchRefusedError({ code: cause.code, message: `${field}: ${cause.message}`, field, cause });
