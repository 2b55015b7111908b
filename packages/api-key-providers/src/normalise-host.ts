/** What a type appends to a host that names no version, and the endpoints people paste along with the host. */
export interface HostShape {
  /** With its leading slash; empty where the version belongs to the path of each call. */
  readonly version: '' | '/v1';
}

const PASTED_ENDPOINTS = [
  '/chat/completions',
  '/responses',
  '/messages',
  '/models',
  '/embeddings',
  '/completions',
] as const;

/** `/v` and digits as a segment of its own, for example `/v1`, `/v1beta`, `/v4.1-preview`. */
function hasVersionSegment(pathname: string): boolean {
  return pathname.split('/').some((segment) => /^v\d+[a-z0-9._-]*$/.test(segment));
}

/**
 * The base that paths are appended to, from a host as a person wrote it. The union of the rules that gateways of this
 * kind have used, so that every stored host keeps its meaning: a `#` at the end means "as it is", a slash at the end
 * means "no version", a version segment stays, else the type's version is appended. A pasted endpoint is cut off.
 *
 * Throws a TypeError for what is no http(s) URL. Empty stays empty.
 */
export function normaliseHost(host: string, shape: HostShape): string {
  const trimmed = host.trim();
  if (trimmed === '') return '';
  const isVerbatim = trimmed.endsWith('#');
  const address = isVerbatim ? trimmed.slice(0, -1) : trimmed;
  const url = new URL(address);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new TypeError('The host must begin with http:// or https://.');
  if (url.username !== '' || url.password !== '')
    throw new TypeError('The host must not hold a user name or password.');
  const endsWithSlash = address.endsWith('/') && url.pathname !== '/';
  const isRootWithSlash = address.endsWith('/') && url.pathname === '/';
  const pathname = cutEndpoint(url.pathname.replace(/\/+$/, ''));
  const base = `${url.origin}${pathname}`;
  if (shape.version === '') return cutVersion(base);
  if (isVerbatim || endsWithSlash || isRootWithSlash || hasVersionSegment(pathname)) return base;
  return `${base}${shape.version}`;
}

function cutEndpoint(pathname: string): string {
  const endpoint = PASTED_ENDPOINTS.find((candidate) => pathname.endsWith(candidate));
  return endpoint === undefined ? pathname : pathname.slice(0, -endpoint.length);
}

/** Where every call names its version itself, one at the end of the host would be said twice. */
function cutVersion(base: string): string {
  return base.replace(/\/v\d+[a-z0-9._-]*$/, '');
}
