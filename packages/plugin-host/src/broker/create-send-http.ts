import { type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { RpcError, rpcRefused } from '@proxycast/plugin-rpc';
import { type HttpHeaderList, RPC_CODES } from '@proxycast/spec/plugin';
import type { HttpReceived, SendHttp } from './http-request.ts';

export interface SendHttpParts {
  /** All addresses of a name. */
  readonly lookUp: (name: string) => Promise<readonly { readonly address: string }[]>;
  /** Whether an address is of the public internet. */
  readonly isPublicAddress: (address: string) => boolean;
  /** Certificates trusted beside the system's; for tests. */
  readonly certificates?: string;
}

/**
 * Sends one request and connects to the very address it judged: a name that leads to this machine or its network is
 * refused, unless a person chose it. Connections are not kept: what plugins ask for is rare, and each has its own name.
 */
export function createSendHttp({ lookUp, isPublicAddress, certificates }: SendHttpParts): SendHttp {
  async function addressOf(name: string, mayBePrivate: boolean): Promise<string> {
    const host = name.replace(/^\[|\]$/g, '');
    const addresses = isIP(host) === 0 ? await lookUp(host).catch(() => []) : [{ address: host }];
    if (addresses.length === 0)
      throw new RpcError(RPC_CODES.unavailable, `${host} is not known.`, { code: 'host_unknown' });
    // All of them, so that a name with one good address and one bad one does not pass by luck.
    if (!mayBePrivate && !addresses.every(({ address }) => isPublicAddress(address))) {
      throw rpcRefused(`${host} leads to an address that is not of the public internet.`, { field: 'url' });
    }
    return addresses[0]?.address ?? '';
  }

  return async ({ method, url, headers, body, signal, mayBePrivate }) => {
    const address = await addressOf(url.hostname, mayBePrivate);
    const pinned: LookupFunction = (_name, options, callback) => {
      const family = isIP(address);
      if (options.all === true) callback(null, [{ address, family }]);
      else callback(null, address, family);
    };
    return await new Promise<HttpReceived>((resolve, reject) => {
      const request = (url.protocol === 'https:' ? requestTls : requestPlain)(url, {
        method,
        headers: [...headers.flat(), 'content-length', String(body.byteLength), 'host', url.host],
        lookup: pinned,
        agent: false,
        signal,
        ...(certificates === undefined ? {} : { ca: certificates }),
      });
      let isConnected = false;
      request.on('socket', (socket) => {
        socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
          isConnected = true;
        });
      });
      request.on('error', (cause) => reject(isConnected ? explain(cause, signal) : unreachable(cause)));
      request.on('response', (response) =>
        resolve({
          status: response.statusCode ?? 0,
          headers: headersOf(response),
          body: bodyOf(response, signal),
        }),
      );
      request.end(body);
    });
  };
}

function headersOf({ rawHeaders }: IncomingMessage): HttpHeaderList {
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < rawHeaders.length && pairs.length < 200; at += 2) {
    pairs.push([(rawHeaders[at] ?? '').toLowerCase(), rawHeaders[at + 1] ?? '']);
  }
  return pairs;
}

async function* bodyOf(response: IncomingMessage, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of response) yield chunk as Uint8Array;
  } catch (cause) {
    throw explain(cause, signal);
  } finally {
    response.destroy();
  }
}

function explain(cause: unknown, signal: AbortSignal): RpcError {
  if (cause instanceof RpcError) return cause;
  if (signal.aborted) {
    return new RpcError(
      RPC_CODES.deadlineExceeded,
      'The upstream did not answer in time.',
      { code: 'timeout' },
      { cause },
    );
  }
  return new RpcError(
    RPC_CODES.unavailable,
    `The upstream ended the connection (${codeOf(cause)}).`,
    { code: 'cut_off' },
    { cause },
  );
}

/** Nothing of the request was sent: who wants to may try again. */
function unreachable(cause: unknown): RpcError {
  if (cause instanceof RpcError) return cause;
  return new RpcError(
    RPC_CODES.unavailable,
    `The upstream cannot be reached (${codeOf(cause)}).`,
    { code: 'unreachable' },
    { cause },
  );
}

const codeOf = (cause: unknown): string =>
  typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : 'failed';
