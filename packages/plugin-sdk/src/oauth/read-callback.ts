import { timingSafeEqual } from 'node:crypto';

export type CallbackReading =
  | { readonly type: 'code'; readonly code: string }
  | { readonly type: 'refused'; readonly code: string; readonly message: string };

/**
 * What a browser came back with, or what a person pasted: the query, the whole last address (of any scheme), `code#state`
 * as some pages show it, or the code alone. A code alone carries no state and is taken as it is: the person is the proof.
 */
export function readCallback(text: string, expectedState: string): CallbackReading {
  const given = text.trim();
  if (given === '') return refused('empty', 'Nothing was pasted.');
  const query = queryOf(given);
  if (query === undefined) {
    const [code = '', state] = given.split('#', 2);
    if (state !== undefined && !isSame(state, expectedState)) return wrongState();
    return /^[\x21-\x7e]{4,4096}$/.test(code) ? { type: 'code', code } : refused('no_code', 'This is no code.');
  }
  // The state first: an error made up by another site must not end this login either.
  if (!isSame(query.get('state') ?? '', expectedState)) return wrongState();
  const error = query.get('error');
  if (error !== null) return refused(error.slice(0, 64), (query.get('error_description') ?? error).slice(0, 500));
  const code = query.get('code');
  return code === null || code === '' ? refused('no_code', 'The address has no code.') : { type: 'code', code };
}

function queryOf(text: string): URLSearchParams | undefined {
  const url = /^[a-z][a-z0-9+.-]{0,40}:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined) {
    // Some services answer in the fragment.
    return url.search === '' && url.hash.includes('=') ? new URLSearchParams(url.hash.slice(1)) : url.searchParams;
  }
  return /(^|[?&])(code|error|state)=/.test(text) ? new URLSearchParams(text.replace(/^[^?]*\?/, '')) : undefined;
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

const refused = (code: string, message: string): CallbackReading => ({ type: 'refused', code, message });
const wrongState = (): CallbackReading =>
  refused('state_mismatch', 'This answer belongs to another login. Start again, and use the page it opens.');
