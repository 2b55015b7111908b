import { RpcError, rpcRefused } from '@proxycast/plugin-rpc';
import { type HostParams, type HttpHeaderList, RPC_CODES } from '@proxycast/spec/plugin';
import type { Grants } from './grants.ts';

/** One request, one answer: no redirect is followed here. */
export interface HttpSending {
  readonly method: string;
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: HttpHeaderList;
  readonly body: Uint8Array;
  readonly signal: AbortSignal;
  /** The address is a person's own: it may be of this machine or network. */
  readonly mayBePrivate: boolean;
  readonly credentialId?: string;
}

export interface HttpReceived {
  readonly status: number;
  readonly headers: HttpHeaderList;
  /** Closing its iterator ends the exchange. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** Throws RpcError when there is no answer. */
export type SendHttp = (sending: HttpSending) => Promise<HttpReceived>;

export interface HttpOutcome extends HttpReceived {
  /** After redirects. */
  readonly url: string;
}

const MAX_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];
/** Named by the host itself, or hop by hop. */
const OWN_HEADERS =
  /^(host|connection|content-length|transfer-encoding|upgrade|keep-alive|te|trailer|expect|proxy-.*)$/;
/** Not for another origin than the one they were given for. */
const SECRET_HEADERS = ['authorization', 'cookie', 'x-api-key', 'x-goog-api-key', 'proxy-authorization'];
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;

/** Sends what a plugin asks for, as far as its grants go, judging every redirect like a new request. */
export async function requestHttp(
  params: HostParams<'http.request'>,
  body: Uint8Array,
  { grants, send, signal }: { readonly grants: Grants; readonly send: SendHttp; readonly signal: AbortSignal },
): Promise<HttpOutcome> {
  let url = parseUrl(params.url);
  let method: string = params.method;
  let content = body;
  let headers = parseHeaders(params.headers ?? []);
  for (let redirects = 0; ; redirects++) {
    const verdict = grants.judgeUrl(url);
    if (verdict.type === 'refused') {
      const what = redirects === 0 ? 'The address' : 'The address it was redirected to';
      throw rpcRefused(`${what} (${url.origin}) is refused: ${verdict.why}.`, { field: 'url' });
    }
    const received = await send({
      method,
      url,
      headers,
      body: content,
      signal,
      mayBePrivate: verdict.isOwn,
      ...(params.credential_id === undefined ? {} : { credentialId: params.credential_id }),
    });
    const location = received.headers.find(([name]) => name === 'location')?.[1];
    const isFollowed = params.redirect !== 'manual' && location !== undefined && REDIRECTS.includes(received.status);
    if (!isFollowed) return { ...received, url: url.href };
    await received.body[Symbol.asyncIterator]().return?.();
    if (redirects >= MAX_REDIRECTS) {
      throw new RpcError(RPC_CODES.unavailable, `More than ${MAX_REDIRECTS} redirects.`, {
        code: 'too_many_redirects',
      });
    }
    const next = parseUrl(location, url);
    // As browsers do it: what was posted is asked for, unless the status says to post it again.
    if (received.status === 303 || (received.status < 303 && method === 'POST')) {
      method = 'GET';
      content = new Uint8Array(0);
      headers = headers.filter(([name = '']) => !name.startsWith('content-'));
    }
    if (next.origin !== url.origin) headers = headers.filter(([name = '']) => !SECRET_HEADERS.includes(name));
    url = next;
  }
}

function parseUrl(text: string, base?: URL): URL {
  if (!URL.canParse(text, base)) {
    throw new RpcError(RPC_CODES.invalidParams, 'The address is no absolute URL.', {
      code: 'invalid_params',
      field: 'url',
    });
  }
  const url = new URL(text, base);
  url.hash = '';
  return url;
}

function parseHeaders(headers: HttpHeaderList): HttpHeaderList {
  return headers.map(([name = '', value = '']) => {
    const lower = name.toLowerCase();
    if (!HEADER_NAME.test(name) || OWN_HEADERS.test(lower) || hasControls(value)) {
      throw new RpcError(RPC_CODES.invalidParams, `The header ${JSON.stringify(name.slice(0, 64))} may not be set.`, {
        code: 'invalid_params',
        field: 'headers',
      });
    }
    return [lower, value];
  });
}

function hasControls(value: string): boolean {
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f || code > 0xff) return true;
  }
  return false;
}
