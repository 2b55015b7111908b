import { type UpstreamCall, UpstreamError } from '@proxycast/spec';
import { request } from 'undici';

export interface UpstreamAnswer {
  readonly status: number;
  readonly text: string;
}

/** A person is waiting for the button. */
const TIMEOUT_MS = 12_000;
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

interface SmallCall {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: readonly string[];
  readonly body?: string;
}

/**
 * One small GET for the console: no retries, no redirects, a short time limit. Throws UpstreamError when there is no answer.
 */
export function callUpstream(call: UpstreamCall, userAgent: string): Promise<UpstreamAnswer> {
  return send({
    url: `${call.origin}${call.path}`,
    method: 'GET',
    headers: ['user-agent', userAgent, 'accept', 'application/json', 'accept-encoding', 'identity', ...call.headers],
  });
}

/** The same for a small POST. */
export function createPost(
  userAgent: string,
): (url: string, headers: readonly string[], body: string) => Promise<UpstreamAnswer> {
  return (url, headers, body) =>
    send({ url, method: 'POST', headers: ['user-agent', userAgent, 'accept-encoding', 'identity', ...headers], body });
}

async function send({ url, method, headers, body }: SmallCall): Promise<UpstreamAnswer> {
  try {
    const answer = await request(url, {
      method,
      headers: [...headers],
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined ? {} : { body }),
    });
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of answer.body) {
      if (!Buffer.isBuffer(chunk)) continue;
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES) break;
      chunks.push(chunk);
    }
    return { status: answer.statusCode, text: Buffer.concat(chunks).toString('utf8') };
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? ` (${cause.code})` : '';
    throw new UpstreamError({
      code: 'upstream_unreachable',
      kind: 'upstream-unreachable',
      message: `The host cannot be reached${code}. Check api_host and the network.`,
      cause,
    });
  }
}
