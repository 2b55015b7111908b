import { FetchRefusedError } from '@proxycast/spec';
import type { Dispatcher } from 'undici';
import { shownUrl } from './shown-url.ts';

type UpstreamHeaders = Dispatcher.ResponseData['headers'];

/** The head of an answer, and its bytes as they come, counted. Dispose of it when they are not read to the end. */
export interface GuardedAnswer extends AsyncDisposable {
  /** Of the last redirect. */
  readonly url: URL;
  readonly status: number;
  /** Lower-case names; several values of one name are joined by a comma. */
  readonly headers: ReadonlyMap<string, string>;
  /** Reading throws FetchRefusedError. */
  readonly body: AsyncIterable<Uint8Array>;
}

export function headersOf(headers: UpstreamHeaders): ReadonlyMap<string, string> {
  const read = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) read.set(name.toLowerCase(), typeof value === 'string' ? value : value.join(', '));
  }
  return read;
}

/** The bytes of a body within a bound. `explain` says why reading failed. */
export async function* countedBody(
  chunks: AsyncIterable<unknown>,
  {
    url,
    maxBytes,
    explain,
  }: { readonly url: URL; readonly maxBytes: number; readonly explain: (cause: unknown) => Error },
): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError('A body is made of bytes.');
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge(url, maxBytes);
      yield chunk;
    }
  } catch (cause) {
    throw cause instanceof FetchRefusedError ? cause : explain(cause);
  }
}

/** Refuses by the head alone what would be refused on the way. */
export function checkHead(url: URL, headers: ReadonlyMap<string, string>, maxBytes: number): void {
  if (Number(headers.get('content-length') ?? 0) > maxBytes) throw tooLarge(url, maxBytes);
  const encoding = headers.get('content-encoding')?.trim().toLowerCase() ?? '';
  if (encoding !== '' && encoding !== 'identity') {
    // It was asked for as it is; unpacked it could be any size.
    throw new FetchRefusedError({
      code: 'url_compressed',
      message: `${shownUrl(url)} answered with compressed bytes although it was asked for plain ones.`,
    });
  }
}

const tooLarge = (url: URL, maxBytes: number): FetchRefusedError =>
  new FetchRefusedError({
    code: 'url_too_large',
    message: `What ${shownUrl(url)} answers is larger than ${maxBytes} bytes.`,
  });
