import { CliError } from './cli-error.ts';
import type { Words } from './words.ts';

/** The admin API. Every call throws a CliError that says what to do. */
export interface AdminClient {
  get(path: string): Promise<unknown>;
  post(path: string, body?: unknown): Promise<unknown>;
  patch(path: string, body: unknown): Promise<unknown>;
  put(path: string, body: unknown): Promise<unknown>;
  delete(path: string): Promise<unknown>;
}

export interface AdminClientParts {
  /** Without a slash at the end. */
  readonly url: string;
  /** Where the token was looked for, for the message. */
  readonly tokenPath: string;
  readonly token: string | undefined;
  readonly words: Words;
  readonly fetch: typeof globalThis.fetch;
}

/** A backup of a large database takes a while; `fetch` itself waits five minutes for an answer. */
const TIMEOUT_MS = 290_000;

export function createAdminClient({ url, token, tokenPath, words, fetch }: AdminClientParts): AdminClient {
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    if (token === undefined) throw new CliError('no_token', words('no_token', { path: tokenPath }));
    let response: Response;
    try {
      response = await fetch(`${url}/api/admin/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (cause) {
      // The server may be at it still: that is not the same as none being there.
      if (cause instanceof Error && cause.name === 'TimeoutError')
        throw new CliError('no_answer', words('no_answer', { url, seconds: TIMEOUT_MS / 1_000 }), 2);
      throw new CliError('unreachable', words('unreachable', { url }), 2);
    }
    const text = await response.text();
    if (text === '' && response.ok) return undefined;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw new CliError('not_json', words('not_json', { url, status: response.status }), 2);
    }
    if (response.ok) return value;
    const error = fieldsOf(fieldsOf(value)['error']);
    const message = typeof error['message'] === 'string' ? error['message'] : `${response.status}`;
    throw new CliError(typeof error['code'] === 'string' ? error['code'] : 'refused', message);
  };
  return {
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body ?? {}),
    patch: (path, body) => call('PATCH', path, body),
    put: (path, body) => call('PUT', path, body),
    delete: (path) => call('DELETE', path),
  };
}

/** The fields of an object that came from outside; none when it is no object. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}

/** The items of a list answer. */
export function itemsOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  const { items } = fieldsOf(value);
  return Array.isArray(items) ? items.map(fieldsOf) : [];
}

/** A field as text, empty when it is absent. */
export function textOf(value: unknown): string {
  return value === undefined || value === null ? '' : String(value);
}
