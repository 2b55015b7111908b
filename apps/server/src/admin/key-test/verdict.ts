import type { DecodedError, UpstreamProtocol } from '@proxycast/spec';
import { rejectionCauseOf } from '@proxycast/wire';
import type { UpstreamAnswer } from '../call-upstream.ts';

/** What an answer says of host and key. `code` is stable; the console has words for it. */
export interface Verdict {
  readonly code: string;
  readonly message: string;
  /** Another call could still show that the key is good. */
  readonly isOpen?: true;
}

export const VALID: Verdict = { code: 'valid', message: 'The key works.' };

const MAX_WORDS = 300;

/**
 * Reads an answer that is no success, or a success with an error inside; `undefined` when it is neither. `secret` is what must not
 * be repeated: some services write the key into their refusal.
 */
export function verdictOf(answer: UpstreamAnswer, protocol: UpstreamProtocol, secret: string): Verdict | undefined {
  const { status, text, header } = answer;
  if (status >= 300 && status < 400) return redirected(status, header('location'));
  const isPage = (header('content-type') ?? '').startsWith('text/html') || /^\s*<(?:!doctype|html)/i.test(text);
  if (isPage && (status < 400 || status === 404 || status === 405)) {
    return {
      code: 'host_is_page',
      message: 'The host answers with a web page: it is no API base. Check the name, path and version in api_host.',
      isOpen: true,
    };
  }
  if (status >= 200 && status < 300) {
    const inside = protocol.findErrorInAnswer(text, 'whole');
    return inside === undefined ? undefined : verdictOfError(inside, status, secret);
  }
  const decoded = protocol.decodeError(status, header, text);
  return decoded === undefined ? verdictOfStatus(status) : verdictOfError(decoded, status, secret);
}

function redirected(status: number, location: string | undefined): Verdict {
  const to = location !== undefined && URL.canParse(location) ? ` to ${new URL(location).origin}` : '';
  return {
    code: 'redirected',
    message: `The host answers with a redirect${to} (status ${status}), which is not followed with a key attached. Put the new address into api_host.`,
  };
}

function verdictOfError({ kind, code, message }: DecodedError, status: number, secret: string): Verdict {
  const words = quote(message, secret);
  switch (kind) {
    case 'authentication':
      return rejected(message, status);
    case 'permission':
      return rejectionCauseOf(message) === undefined
        ? {
            code: 'key_not_permitted',
            message: `The key is known, but may not do this (status ${status})${words}`,
            isOpen: true,
          }
        : rejected(message, status);
    case 'quota-exhausted':
      return { code: 'no_credit', message: `The key is valid; its account has no credit left${words}` };
    case 'rate-limited':
      return { code: 'rate_limited', message: `The key is valid and limited at the moment. Try again later${words}` };
    case 'not-found':
      return {
        code: 'model_missing',
        message: `The provider does not have what was asked for${words}`,
        isOpen: true,
      };
    case 'invalid-request':
    case 'method-not-allowed':
    case 'conflict':
    case 'too-large':
      return {
        code: 'request_refused',
        message: `The provider refused the test’s request (${code})${words}`,
        isOpen: true,
      };
    default:
      return { code: 'upstream_failed', message: `The provider failed (status ${status})${words}` };
  }
}

function rejected(message: string, status: number): Verdict {
  switch (rejectionCauseOf(message)) {
    case 'clock':
      return {
        code: 'clock_wrong',
        message:
          'The provider refused the signature: the clock of this machine is off by minutes. Set it, best by NTP.',
      };
    case 'region':
      return {
        code: 'region_wrong',
        message: 'The provider refused the signature: it is for another region. Check region and api_host.',
      };
    default:
      return { code: 'key_rejected', message: `The provider rejected the key (status ${status}).` };
  }
}

/** No error in the dialect: the status alone speaks. */
function verdictOfStatus(status: number): Verdict {
  switch (status) {
    case 401:
    case 403:
      return rejected('', status);
    case 402:
      return { code: 'no_credit', message: 'The key is valid; its account has no credit left.' };
    case 404:
    case 405:
    case 410:
      return {
        code: 'host_wrong',
        message: 'Nothing answers at this address. Check the path and version in api_host.',
        isOpen: true,
      };
    case 429:
      return { code: 'rate_limited', message: 'The key is valid and limited at the moment. Try again later.' };
    default:
      return status >= 500
        ? { code: 'upstream_failed', message: `The provider is down (status ${status}). Try again later.` }
        : {
            code: 'request_refused',
            message: `The provider refused the test’s request (status ${status}).`,
            isOpen: true,
          };
  }
}

/** The provider's own words, without the key. */
function quote(message: string, secret: string): string {
  const clean = secret.length < 4 ? message : message.replaceAll(secret, '[key]');
  const text = clean.replaceAll(/\s+/g, ' ').trim().slice(0, MAX_WORDS).toWellFormed();
  return text === '' ? '.' : `: ${text}`;
}
