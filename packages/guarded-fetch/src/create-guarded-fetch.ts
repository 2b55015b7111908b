import { FetchRefusedError } from '@proxycast/spec';
import type { buildConnector, Client, Dispatcher } from 'undici';
import { checkHead, countedBody, type GuardedAnswer, headersOf } from './guarded-answer.ts';
import { nextUrl, type RedirectPolicy } from './next-url.ts';
import { type OutsideUrl, parseOutsideUrl, type UrlPolicy } from './parse-outside-url.ts';
import { type LookUp, resolveOutside } from './resolve-outside.ts';
import { shownUrl } from './shown-url.ts';

export interface GuardedRequest extends UrlPolicy {
  /** Absent: `GET`. */
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Lower-case names. Sent to the host that was named, and to no other that it leads to. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Ends everything at once. */
  readonly signal?: AbortSignal;
  /** Of the answer's body. */
  readonly maxBytes: number;
  /** From the call to the last byte of the answer. */
  readonly timeoutMs: number;
  /** Absent: 3. Only GET and HEAD follow any. */
  readonly maxRedirects?: number;
  /** Whether `https:` may lead to `http:`; absent: it may not. */
  readonly allowsDowngrade?: boolean;
}

/** Asks an address that came from outside. Throws FetchRefusedError, or the signal's reason. */
export type GuardedFetch = (url: string, request: GuardedRequest) => Promise<GuardedAnswer>;

export interface GuardedFetchParts {
  readonly lookUp: LookUp;
  /** Connects to an address; it is given no name to resolve. Absent: by TCP, and TLS over it. */
  readonly connect?: buildConnector.connector;
  readonly userAgent: string;
}

const DEFAULT_REDIRECTS = 3;
/** To one of several addresses; the whole has its own limit. */
const CONNECT_TIMEOUT_MS = 5_000;
const MAX_HEADER_BYTES = 16 * 1024;

/** The one way to fetch an address that came from outside. */
export function createGuardedFetch({ lookUp, userAgent, ...parts }: GuardedFetchParts): GuardedFetch {
  let { connect } = parts;

  return async (address, request) => {
    const { method = 'GET', maxRedirects = DEFAULT_REDIRECTS, allowsDowngrade = false, maxBytes } = request;
    const policy: RedirectPolicy = { ...request, maxRedirects, allowsDowngrade };
    const first = parseOutsideUrl(address, policy);
    const deadline = createDeadline(request, () => timedOut(first, request.timeoutMs));
    let client: Client | undefined;
    const close = async (): Promise<void> => {
      deadline.clear();
      await client?.destroy();
    };
    const explain = (at: OutsideUrl) => (cause: unknown) => deadline.reason() ?? cut(at, cause);
    try {
      let current = first;
      for (let count = 0; ; count++) {
        const addresses = await deadline.race(resolveOutside(current, lookUp));
        const isSameOrigin = current.url.origin === first.url.origin;
        const opened = await open(current, addresses, {
          method,
          headers: { 'user-agent': userAgent, ...(isSameOrigin ? request.headers : {}), 'accept-encoding': 'identity' },
          ...(request.body === undefined ? {} : { body: request.body }),
          signal: deadline.signal,
        });
        client = opened.client;
        const { statusCode: status, body } = opened.answer;
        const headers = headersOf(opened.answer.headers);
        const follows = method === 'GET' || method === 'HEAD';
        const next = follows
          ? nextUrl(current, { status, location: headers.get('location'), count }, policy)
          : undefined;
        if (next === undefined) {
          checkHead(current.url, headers, maxBytes);
          return {
            url: current.url,
            status,
            headers,
            body: closing(countedBody(body, { url: current.url, maxBytes, explain: explain(current) }), close),
            [Symbol.asyncDispose]: close,
          };
        }
        await client.destroy();
        client = undefined;
        current = next;
      }
    } catch (cause) {
      await close();
      throw deadline.reason() ?? cause;
    }
  };

  /** At one address after the other, until one can be connected to. */
  async function open(
    { url, host, isAddress }: OutsideUrl,
    addresses: readonly string[],
    request: Omit<Dispatcher.RequestOptions, 'path' | 'origin'> & { readonly signal: AbortSignal },
  ): Promise<{ readonly client: Client; readonly answer: Dispatcher.ResponseData }> {
    // Loaded by the first fetch: a gateway whose clients send no addresses does without.
    const undici = await import('undici');
    connect ??= undici.buildConnector({ timeout: CONNECT_TIMEOUT_MS, allowH2: false, maxCachedSessions: 0 });
    const connectTo = connect;
    let cause: unknown;
    for (const address of addresses) {
      let isConnected = false;
      const client = new undici.Client(url.origin, {
        // A name would be resolved again: only the address that was checked is given on.
        connect: (options, done) =>
          connectTo(
            { ...options, hostname: address, servername: isAddress ? '' : host.replace(/\.$/, '') },
            (...outcome) => {
              isConnected = outcome[0] === null;
              done(...outcome);
            },
          ),
        allowH2: false,
        pipelining: 1,
        maxHeaderSize: MAX_HEADER_BYTES,
        // The whole has one limit.
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      try {
        return { client, answer: await client.request({ ...request, path: url.pathname + url.search }) };
      } catch (fault) {
        cause = fault;
        await client.destroy();
        if (isConnected || request.signal.aborted) break;
      }
    }
    throw new FetchRefusedError({
      code: 'url_unreachable',
      message: `${shownUrl(url)} could not be reached, or broke off before it answered. Check the address.`,
      cause,
    });
  }
}

async function* closing(
  body: AsyncIterable<Uint8Array>,
  close: () => Promise<void>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* body;
  } finally {
    await close();
  }
}

interface Deadline {
  readonly signal: AbortSignal;
  /** Why all was ended; `undefined` while it was not. */
  reason(): Error | undefined;
  /** The work, or the end if that comes first. */
  race<Value>(work: Promise<Value>): Promise<Value>;
  clear(): void;
}

/** Ends when the request's signal does, or after its time. */
function createDeadline({ signal, timeoutMs }: GuardedRequest, explainTimeout: () => Error): Deadline {
  const controller = new AbortController();
  const toError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)));
  const end = (reason: Error): void => controller.abort(reason);
  const onAbort = (): void => end(toError(signal?.reason));
  const timer = setTimeout(() => end(explainTimeout()), timeoutMs);
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted === true) onAbort();
  return {
    signal: controller.signal,
    reason: () => (controller.signal.aborted ? toError(controller.signal.reason) : undefined),
    async race(work) {
      const { promise, reject } = Promise.withResolvers<never>();
      const onEnd = (): void => reject(toError(controller.signal.reason));
      controller.signal.addEventListener('abort', onEnd, { once: true });
      try {
        if (controller.signal.aborted) onEnd();
        return await Promise.race([work, promise]);
      } finally {
        controller.signal.removeEventListener('abort', onEnd);
      }
    },
    clear() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    },
  };
}

const timedOut = ({ url }: OutsideUrl, timeoutMs: number): FetchRefusedError =>
  new FetchRefusedError({
    code: 'url_timeout',
    message: `${shownUrl(url)} had not answered whole after ${timeoutMs} ms.`,
  });

const cut = ({ url }: OutsideUrl, cause: unknown): FetchRefusedError =>
  new FetchRefusedError({ code: 'url_cut', message: `The answer of ${shownUrl(url)} broke off.`, cause });
