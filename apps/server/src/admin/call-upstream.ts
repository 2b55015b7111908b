import { type HeaderReader, type UpstreamCall, UpstreamError } from '@proxycast/spec';

export interface UpstreamAnswer {
  readonly status: number;
  readonly text: string;
  readonly header: HeaderReader;
}

/** A person is waiting for the button. */
export const CONSOLE_TIMEOUT_MS = 12_000;
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

export interface SmallCall {
  readonly call: UpstreamCall;
  readonly method: 'GET' | 'POST';
  /** JSON. */
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** One small call for the console: no retries, no redirects. Throws UpstreamError when there is no answer. */
export function callUpstream({ call, method, body, signal }: SmallCall, userAgent: string): Promise<UpstreamAnswer> {
  return send(`${call.origin}${call.path}`, {
    method,
    signal,
    headers: [
      'user-agent',
      userAgent,
      'accept',
      'application/json',
      'accept-encoding',
      'identity',
      ...(body === undefined ? [] : ['content-type', 'application/json']),
      ...call.headers,
    ],
    ...(body === undefined ? {} : { body }),
  });
}

/** A small POST that is no call of a provider. */
export function createPost(
  userAgent: string,
): (url: string, headers: readonly string[], body: string) => Promise<UpstreamAnswer> {
  return (url, headers, body) =>
    send(url, {
      method: 'POST',
      signal: AbortSignal.timeout(CONSOLE_TIMEOUT_MS),
      headers: ['user-agent', userAgent, 'accept-encoding', 'identity', ...headers],
      body,
    });
}

async function send(
  url: string,
  options: {
    readonly method: 'GET' | 'POST';
    readonly headers: readonly string[];
    readonly body?: string;
    readonly signal: AbortSignal;
  },
): Promise<UpstreamAnswer> {
  try {
    // Loaded by the first test of a key: the gateway itself needs a small part of it.
    const { request: send } = await import('undici');
    const answer = await send(url, { ...options, headers: [...options.headers] });
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of answer.body) {
      if (!Buffer.isBuffer(chunk)) continue;
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES) break;
      chunks.push(chunk);
    }
    const header = (name: string): string | undefined => {
      const value = answer.headers[name];
      return Array.isArray(value) ? value[0] : value;
    };
    return { status: answer.statusCode, text: Buffer.concat(chunks).toString('utf8'), header };
  } catch (cause) {
    throw explain(cause);
  }
}

function explain(cause: unknown): UpstreamError {
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  if (cause instanceof Error && cause.name === 'TimeoutError') {
    return new UpstreamError({
      code: 'upstream_timeout',
      kind: 'timeout',
      message: `There was no answer within ${CONSOLE_TIMEOUT_MS / 1_000} seconds. Try again, or check api_host and the network.`,
      cause,
    });
  }
  if (code === 'UND_ERR_INVALID_ARG') {
    return new UpstreamError({
      code: 'call_invalid',
      message: 'The key or a header holds characters that HTTP does not allow. Paste the key again.',
      cause,
    });
  }
  return new UpstreamError({
    code: 'upstream_unreachable',
    kind: 'upstream-unreachable',
    message: `${whatFailed(code)} Check api_host and the network; the key was not looked at.`,
    cause,
  });
}

function whatFailed(code: string): string {
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The host’s name is not known (${code}).`;
    case 'ECONNREFUSED':
      return 'Nothing listens at the host (ECONNREFUSED).';
    default:
      return /CERT|TLS|SSL|SELF_SIGNED/.test(code)
        ? `The host’s certificate is not trusted (${code}).`
        : `The host cannot be reached${code === '' ? '' : ` (${code})`}.`;
  }
}
