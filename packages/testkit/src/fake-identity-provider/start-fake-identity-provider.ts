import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Gate } from '../gate.ts';
import {
  createFakeIdentityProvider,
  type FakeIdentityProvider,
  type FakeIdentityProviderOptions,
  type PersonDecision,
} from './create-fake-identity-provider.ts';
import { type OAuthAnswer, OAuthRefusal } from './oauth-answer.ts';

/** What becomes of one token request; the next in the queue has the next. */
export type TokenDelivery =
  /** It is not looked at: nothing is spent. */
  | { readonly type: 'refuse'; readonly status: number; readonly retryAfterSeconds?: number }
  /** It is served, and the connection ends without the answer. */
  | { readonly type: 'lose' }
  /** It waits at the gate, before it is looked at or with its answer in hand. */
  | { readonly type: 'hold'; readonly gate: Gate; readonly when: 'before' | 'after' };

export interface RunningIdentityProvider extends FakeIdentityProvider, AsyncDisposable {
  /** `http://127.0.0.1:<port>`; below it `/authorize`, `/token`, `/device_authorization`, `/revoke`, `/account`. */
  readonly origin: string;
  enqueue(...deliveries: readonly TokenDelivery[]): void;
}

const MAX_FORM_BYTES = 64 * 1024;

/** The identity provider as a server on loopback. A token request says who asks by its `user-agent`. */
export async function startFakeIdentityProvider({
  decide = () => ({ account: 'someone@example.com' }),
  ...options
}: Omit<FakeIdentityProviderOptions, 'origin'> & {
  /** What the person in front of the browser does. */
  readonly decide?: (query: URLSearchParams) => PersonDecision;
} = {}): Promise<RunningIdentityProvider> {
  const queue: TokenDelivery[] = [];
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('No port.');
  const origin = `http://127.0.0.1:${address.port}`;
  const provider = createFakeIdentityProvider({ ...options, origin });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', origin);
    const route = `${request.method} ${pathname}`;
    switch (route) {
      case 'GET /authorize': {
        const shown = provider.authorize(searchParams, decide(searchParams));
        if (shown.type === 'redirect') response.writeHead(302, { location: shown.location }).end();
        else response.writeHead(shown.status, { 'content-type': 'text/plain' }).end(shown.text);
        return;
      }
      case 'GET /account': {
        const account = provider.accountOf(/^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '');
        if (account !== undefined) send(response, { status: 200, body: { account } });
        else send(response, { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' }, body: {} });
        return;
      }
      case 'POST /device_authorization':
      case 'POST /revoke':
      case 'POST /token': {
        const form = await readForm(request);
        if (form instanceof OAuthRefusal) send(response, form.toAnswer());
        else if (pathname === '/revoke') send(response, provider.revoke(form));
        else if (pathname === '/device_authorization') send(response, provider.startDevice(form));
        else await deliver(form, request, response);
        return;
      }
      default:
        response.writeHead(404).end();
    }
  }

  async function deliver(form: URLSearchParams, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const delivery = queue.shift();
    if (delivery?.type === 'refuse') {
      const { status, retryAfterSeconds } = delivery;
      if (retryAfterSeconds !== undefined) response.setHeader('retry-after', retryAfterSeconds);
      response.writeHead(status).end();
      return;
    }
    if (delivery?.type === 'hold' && delivery.when === 'before') await delivery.gate.wait();
    const written = provider.token(form, request.headers['user-agent']);
    if (delivery?.type === 'hold' && delivery.when === 'after') await delivery.gate.wait();
    if (delivery?.type === 'lose') response.destroy();
    else send(response, written);
  }

  return Object.assign(provider, {
    origin,
    enqueue: (...deliveries: readonly TokenDelivery[]): void => void queue.push(...deliveries),
    async [Symbol.asyncDispose](): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

/** A form as RFC 6749 section 4 wants it, or why it is none. */
async function readForm(request: IncomingMessage): Promise<URLSearchParams | OAuthRefusal> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const piece = Buffer.from(chunk);
    bytes += piece.length;
    if (bytes > MAX_FORM_BYTES) return new OAuthRefusal('invalid_request', 'The form is too long.');
    chunks.push(piece);
  }
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/x-www-form-urlencoded(;|$)/.test(type)) {
    return new OAuthRefusal('invalid_request', 'The parameters have to be a form.');
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}

function send(response: ServerResponse, { status, headers, body }: OAuthAnswer): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers });
  response.end(JSON.stringify(body));
}
