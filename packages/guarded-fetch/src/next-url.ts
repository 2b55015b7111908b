import { FetchRefusedError } from '@proxycast/spec';
import { type OutsideUrl, parseOutsideUrl, type UrlPolicy } from './parse-outside-url.ts';
import { shownUrl } from './shown-url.ts';

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export interface RedirectPolicy extends UrlPolicy {
  readonly maxRedirects: number;
  /** Whether `https:` may lead to `http:`, where `http:` is allowed at all. */
  readonly allowsDowngrade: boolean;
}

/** Where a redirect leads, checked as the first address was; `undefined` for an answer that is none. Throws FetchRefusedError. */
export function nextUrl(
  from: OutsideUrl,
  answer: { readonly status: number; readonly location: string | undefined; readonly count: number },
  policy: RedirectPolicy,
): OutsideUrl | undefined {
  const { status, location, count } = answer;
  if (!REDIRECTS.has(status) || location === undefined) return undefined;
  if (count >= policy.maxRedirects) {
    throw new FetchRefusedError({
      code: 'url_too_many_redirects',
      message: `The address was redirected more than ${policy.maxRedirects} times, last by ${shownUrl(from.url)}.`,
    });
  }
  const target = URL.parse(location, from.url);
  const next = parseOutsideUrl(target?.href ?? '', policy);
  if (from.url.protocol === 'https:' && next.url.protocol === 'http:' && !policy.allowsDowngrade) {
    throw new FetchRefusedError({
      code: 'url_downgrade_refused',
      message: `${shownUrl(from.url)} leads from https: to http:, which is not followed.`,
    });
  }
  return next;
}
