import type { Exchange } from '../exchange.ts';

const ANY_ANSWER = 'application/json, text/event-stream';

export interface RequestHeaderInput {
  /** Name, value, name, value: what the provider's call always carries. */
  readonly fromProvider: readonly string[];
  /** What a converted body asks for. */
  readonly fromCodec: Readonly<Record<string, string>> | undefined;
  /** Name, value, name, value. */
  readonly authorization: readonly string[];
  readonly bodyBytes: number;
  /** Then the client's own headers of the dialect travel. */
  readonly isSameDialect: boolean;
}

/** The headers of a call: name, value, name, value. What a client says of its connection to us goes nowhere. */
export function requestHeadersOf(exchange: Exchange, input: RequestHeaderInput): string[] {
  const { fromProvider, fromCodec, authorization, bodyBytes, isSameDialect } = input;
  const incoming = exchange.request.headers;
  const headers = ['user-agent', exchange.parts.userAgent, 'accept-encoding', 'identity'];
  if (!isSameDialect) {
    headers.push('content-type', 'application/json', 'content-length', String(bodyBytes), 'accept', ANY_ANSWER);
    for (const item of fromProvider) headers.push(item);
    if (fromCodec !== undefined) for (const [name, value] of Object.entries(fromCodec)) headers.push(name, value);
    for (const item of authorization) headers.push(item);
    return headers;
  }
  if (exchange.match.endpoint.method === 'POST') {
    headers.push('content-type', incoming['content-type'] ?? 'application/json', 'content-length', String(bodyBytes));
  }
  if (incoming.accept !== undefined) headers.push('accept', incoming.accept);
  const { forwardedRequestHeaders } = exchange.protocol;
  for (const name of forwardedRequestHeaders) {
    const value = incoming[name];
    if (value === undefined) continue;
    const text = typeof value === 'string' ? value : value.join(', ');
    const added = fromCodec?.[name];
    headers.push(name, added === undefined ? text : joinLists(text, added));
  }
  for (let at = 0; at + 1 < fromProvider.length; at += 2) {
    const name = fromProvider[at] ?? '';
    // What the client says in its own dialect (a version, a beta) goes before the provider's default.
    if (incoming[name] !== undefined && forwardedRequestHeaders.includes(name)) continue;
    headers.push(name, fromProvider[at + 1] ?? '');
  }
  if (fromCodec !== undefined) {
    for (const [name, value] of Object.entries(fromCodec)) if (incoming[name] === undefined) headers.push(name, value);
  }
  for (const item of authorization) headers.push(item);
  return headers;
}

/** Comma lists such as beta flags: each once, the client's first. */
function joinLists(first: string, second: string): string {
  return [...new Set([...first.split(','), ...second.split(',')].map((item) => item.trim()))].join(',');
}
