import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { PluginAuthType } from '@proxycast/spec/plugin';

/** What the browser is shown when it comes back. */
export type CallbackPage = { readonly title: string; readonly text: string };

export interface LoginCallbackParts {
  /** As the auth type's manifest has it. */
  readonly callback: NonNullable<PluginAuthType['callback']>;
  /**
   * Told of each query that comes back, without `?`. Whether the login is over: an answer of another login, or one made up
   * by a site, ends nothing.
   */
  readonly onQuery: (query: string) => Promise<{ readonly isOver: boolean; readonly page: CallbackPage }>;
}

/** A listener on loopback that a browser comes back to (RFC 8252, 7.3). */
export interface LoginCallback extends AsyncDisposable {
  /** What `login.start` is told. */
  readonly url: string;
}

const MAX_QUERY = 16_000;
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** Listens on the first of the ports that is free. `undefined` when none is: then a code is pasted. */
export async function openLoginCallback({ callback, onQuery }: LoginCallbackParts): Promise<LoginCallback | undefined> {
  const { host = '127.0.0.1', ports, path } = callback;
  for (const port of ports) {
    const server = createServer((request, response) => {
      answer(request, response).catch(() => response.destroy());
    });
    if (!(await listen(server, port))) continue;
    const address = server.address();
    const bound = typeof address === 'object' && address !== null ? address.port : port;
    const origin = `${host}:${bound}`;

    async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
      const url = URL.canParse(request.url ?? '', `http://${origin}`)
        ? new URL(request.url ?? '', `http://${origin}`)
        : undefined;
      // Another name that leads here is another site's.
      const isOurs = request.headers.host === origin && request.method === 'GET' && url?.pathname === path;
      if (!isOurs || url.search.length > MAX_QUERY) {
        response.writeHead(404, HEADERS).end();
        return;
      }
      const { isOver, page } = await onQuery(url.search.slice(1));
      response.writeHead(200, { ...HEADERS, connection: 'close' }).end(renderPage(page));
      if (isOver) server.close();
    }

    return {
      url: `http://${origin}${path}`,
      async [Symbol.asyncDispose]() {
        server.closeAllConnections();
        await new Promise<void>((resolve) => server.close(() => resolve()));
      },
    };
  }
  return undefined;
}

/** On loopback alone, whatever name the address has. */
function listen(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(true));
  });
}

function renderPage({ title, text }: CallbackPage): string {
  return `<!doctype html><meta charset="utf-8"><title>${escapeHtml(title)}</title><h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
