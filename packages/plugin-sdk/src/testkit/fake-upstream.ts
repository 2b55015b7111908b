import type { HttpHeaderList } from '@proxycast/spec/plugin';

export interface FakeUpstreamRequest {
  readonly method: string;
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
  text(): string;
  json(): unknown;
  form(): URLSearchParams;
}

export interface FakeUpstreamAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body?: string | Uint8Array | object;
  /** In place of `body`: pieces as they arrive. */
  readonly chunks?: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** A service, as a function: it answers what the real one would, refusals included. */
export type FakeUpstream = (
  request: FakeUpstreamRequest,
) => FakeUpstreamAnswer | undefined | Promise<FakeUpstreamAnswer | undefined>;

export interface ReadyAnswer {
  readonly status: number;
  readonly headers: HttpHeaderList;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** One exchange with a fake upstream. What it does not know (`undefined`) is a 404. */
export async function askFakeUpstream(
  upstream: FakeUpstream,
  call: { readonly method: string; readonly url: string; readonly headers: HttpHeaderList; readonly body: Uint8Array },
): Promise<ReadyAnswer> {
  const text = (): string => Buffer.from(call.body).toString('utf8');
  const {
    status = 200,
    headers = {},
    body,
    chunks,
  } = (await upstream({
    method: call.method,
    url: new URL(call.url),
    headers: new Map(call.headers.map(([name = '', value = '']) => [name.toLowerCase(), value])),
    body: call.body,
    text,
    json: () => JSON.parse(text()),
    form: () => new URLSearchParams(text()),
  })) ?? { status: 404, body: { error: 'not_found' } };
  const isJson = typeof body === 'object' && !(body instanceof Uint8Array);
  return {
    status,
    headers: Object.entries({ ...(isJson ? { 'content-type': 'application/json' } : {}), ...headers }),
    chunks: piecesOf(chunks ?? [isJson ? Buffer.from(JSON.stringify(body)) : Buffer.from(body ?? '')]),
  };
}

async function* piecesOf(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) if (chunk.byteLength > 0) yield chunk;
}
