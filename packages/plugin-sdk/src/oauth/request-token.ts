import type { HostClient } from '../host/host-client.ts';

/** A token endpoint's answer, RFC 6749 section 5, in whichever spelling. */
export interface TokenAnswer {
  readonly type: 'tokens';
  readonly accessToken: string;
  /** Absent: the old one goes on. */
  readonly refreshToken?: string;
  readonly idToken?: string;
  /** Milliseconds since 1970. */
  readonly expiresAt?: number;
  readonly scope?: string;
  /** Everything that was answered. Holds secrets. */
  readonly raw: Readonly<Record<string, unknown>>;
}

export interface TokenFailure {
  readonly type: 'failed';
  /** The service's own `error`, or `http_{status}`, or `unreadable`. */
  readonly error: string;
  readonly description: string;
  readonly status: number;
  readonly retryAfterMs?: number;
}

export interface TokenRequest {
  readonly http: HostClient['http'];
  readonly url: string;
  /** As they are sent. */
  readonly fields: Readonly<Record<string, string>>;
  /** `form` as RFC 6749 has it; some services want JSON. */
  readonly encoding?: 'form' | 'json';
  readonly headers?: Readonly<Record<string, string>>;
  readonly now: () => number;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Asks a token endpoint once. Throws RpcError when it cannot be reached; what it refuses is an answer. */
export async function requestToken(request: TokenRequest): Promise<TokenAnswer | TokenFailure> {
  const { http, url, fields, encoding = 'form', headers = {}, now, timeoutMs = 30_000, signal } = request;
  const sentAt = now();
  const answer = await http.request({
    method: 'POST',
    url,
    headers: Object.entries({
      'content-type': encoding === 'form' ? 'application/x-www-form-urlencoded' : 'application/json',
      accept: 'application/json',
      ...headers,
    }),
    body: encoding === 'form' ? new URLSearchParams(fields).toString() : JSON.stringify(fields),
    timeoutMs,
    ...(signal === undefined ? {} : { signal }),
  });
  const body = await answer.json();
  const raw: Readonly<Record<string, unknown>> = typeof body === 'object' && body !== null ? { ...body } : {};
  const text = (...names: string[]): string | undefined => {
    for (const name of names) {
      const value = raw[name];
      if (typeof value === 'string' && value !== '') return value;
    }
    return undefined;
  };
  const accessToken = text('access_token', 'accessToken');
  if (answer.status >= 200 && answer.status < 300 && accessToken !== undefined) {
    const refreshToken = text('refresh_token', 'refreshToken');
    const idToken = text('id_token', 'idToken');
    const scope = text('scope');
    const lifeSeconds = Number(raw['expires_in'] ?? raw['expiresIn'] ?? Number.NaN);
    return {
      type: 'tokens',
      accessToken,
      raw,
      ...(refreshToken === undefined ? {} : { refreshToken }),
      ...(idToken === undefined ? {} : { idToken }),
      ...(scope === undefined ? {} : { scope }),
      // Counted from before it was asked for: the life began at the service.
      ...(Number.isFinite(lifeSeconds) && lifeSeconds > 0
        ? { expiresAt: Math.floor(sentAt + lifeSeconds * 1000) }
        : {}),
    };
  }
  const retryAfterSeconds = Number(answer.header('retry-after') ?? Number.NaN);
  return {
    type: 'failed',
    status: answer.status,
    error: (text('error') ?? (answer.status < 300 ? 'unreadable' : `http_${answer.status}`)).slice(0, 64),
    description: (text('error_description', 'message') ?? '').slice(0, 500),
    ...(Number.isFinite(retryAfterSeconds) ? { retryAfterMs: Math.max(0, retryAfterSeconds * 1000) } : {}),
  };
}
