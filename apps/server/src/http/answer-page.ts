import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname } from 'node:path';

export interface PageParts {
  /** Where the files are; ends with a slash. */
  readonly folder: URL;
}

/** Everything there is under `/page/`. No path of a request reaches the file system: it is only looked up here. */
export const PAGE_FILES: readonly string[] = [
  'index.html',
  'icon.svg',
  'tokens.css',
  'style.css',
  'words.en.json',
  'words.zh-CN.json',
  'snippets.json',
  'api-problem.js',
  'client-keys.js',
  'confirm.js',
  'create-admin-client.js',
  'create-query.js',
  'dialects.js',
  'drawing.js',
  'enable-copying.js',
  'enable-field-words.js',
  'login.js',
  'main.js',
  'overview.js',
  'preferences.js',
  'provider-form.js',
  'provider-row.js',
  'provider-types.js',
  'providers.js',
  'read-events.js',
  'tools.js',
  'try-it.js',
  'words.js',
];

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

interface PageFile {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Answers GET and HEAD of `/`, `/console` and `/page/<file>`; `false` for everything else. The files are read once, when
 * the first of them is asked for.
 */
export function createPage({ folder }: PageParts): (request: IncomingMessage, response: ServerResponse) => boolean {
  let reading: Promise<ReadonlyMap<string, PageFile>> | undefined;
  const files = (): Promise<ReadonlyMap<string, PageFile>> => {
    reading ??= readFiles(folder).catch((cause: unknown) => {
      // What was missing may be there at the next request: an update may be under way.
      reading = undefined;
      throw cause;
    });
    return reading;
  };

  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    if (path === '/console' || path === '/console/') {
      // Not a permanent redirect: browsers would remember it past the day the console moves to a path of its own.
      response.writeHead(307, { ...SECURITY_HEADERS, location: '/', 'cache-control': 'no-cache' });
      response.end();
      return true;
    }
    const name = nameOf(path);
    if (name === undefined) return false;
    files().then(
      (all) => answer(request, response, all.get(name)),
      () => answer(request, response, undefined),
    );
    return true;
  };
}

function nameOf(path: string): string | undefined {
  if (path === '/') return 'index.html';
  const name = path.startsWith('/page/') ? path.slice('/page/'.length) : '';
  return PAGE_FILES.includes(name) ? name : undefined;
}

async function readFiles(folder: URL): Promise<ReadonlyMap<string, PageFile>> {
  return new Map(
    await Promise.all(
      PAGE_FILES.map(async (name): Promise<[string, PageFile]> => {
        const body = await readFile(new URL(name, folder));
        const headers = {
          ...SECURITY_HEADERS,
          'content-type': CONTENT_TYPES[extname(name)] ?? 'application/octet-stream',
          'cache-control': 'no-cache',
          etag: `"${hash('sha256', body, 'base64url')}"`,
        };
        return [name, { body, headers }];
      }),
    ),
  );
}

function answer(request: IncomingMessage, response: ServerResponse, file: PageFile | undefined): void {
  if (file === undefined) {
    response.writeHead(500, {
      ...SECURITY_HEADERS,
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
    });
    response.end('The files of the console cannot be read. Install ProxyCast again, or build it again.\n');
    return;
  }
  if (matches(request.headers['if-none-match'], file.headers['etag'] ?? '')) {
    response.writeHead(304, file.headers);
    response.end();
    return;
  }
  response.writeHead(200, { ...file.headers, 'content-length': file.body.length });
  // Node leaves the body out of the answer to a HEAD.
  response.end(file.body);
}

/** RFC 9110, 13.1.2: a list, compared weakly, since a proxy that compresses makes an etag weak. */
function matches(header: string | undefined, etag: string): boolean {
  return header?.split(',').some((one) => one.trim().replace(/^W\//, '') === etag) ?? false;
}
