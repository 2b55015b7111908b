import type { ClientEndpoint, Protocol } from '@proxycast/spec';

/** A client's path, recognised. */
export interface EndpointMatch {
  readonly protocol: Protocol;
  readonly endpoint: ClientEndpoint;
  /** Decoded value of `{model}` or `{id}`. */
  readonly parameter?: string;
  /** From `/api/provider/{provider}/…`. */
  readonly pinnedProvider?: string;
}

export type EndpointMatchResult =
  | { readonly type: 'matched'; readonly match: EndpointMatch }
  | { readonly type: 'method-not-allowed'; readonly protocol: Protocol; readonly allowed: string }
  | { readonly type: 'unknown' };

export interface EndpointMatcher {
  match(method: string, pathname: string): EndpointMatchResult;
}

const PROVIDER_PREFIX = '/api/provider/';
const UNKNOWN: EndpointMatchResult = { type: 'unknown' };

interface Pattern {
  readonly prefix: string;
  readonly suffix: string;
  readonly mayHoldSlashes: boolean;
  readonly protocol: Protocol;
  readonly endpoint: ClientEndpoint;
}

/** Paths are exact, or hold one placeholder: a map and a short list are enough, and cost no regular expression. */
export function createEndpointMatcher(protocols: readonly Protocol[]): EndpointMatcher {
  const exact = new Map<string, EndpointMatchResult>();
  const exactPaths = new Map<string, { readonly protocol: Protocol; readonly methods: string[] }>();
  const patterns: Pattern[] = [];
  for (const protocol of protocols) {
    for (const endpoint of protocol.endpoints) {
      const open = endpoint.path.indexOf('{');
      if (open < 0) {
        exact.set(`${endpoint.method} ${endpoint.path}`, { type: 'matched', match: { protocol, endpoint } });
        const known = exactPaths.get(endpoint.path);
        if (known === undefined) exactPaths.set(endpoint.path, { protocol, methods: [endpoint.method] });
        else known.methods.push(endpoint.method);
        continue;
      }
      const close = endpoint.path.indexOf('}', open);
      patterns.push({
        prefix: endpoint.path.slice(0, open),
        suffix: endpoint.path.slice(close + 1),
        mayHoldSlashes: endpoint.path.slice(open, close + 1) === '{model}',
        protocol,
        endpoint,
      });
    }
  }

  const fits = ({ prefix, suffix, mayHoldSlashes }: Pattern, pathname: string): string | undefined => {
    if (
      pathname.length <= prefix.length + suffix.length ||
      !pathname.startsWith(prefix) ||
      !pathname.endsWith(suffix)
    ) {
      return undefined;
    }
    const value = pathname.slice(prefix.length, pathname.length - suffix.length);
    return !mayHoldSlashes && value.includes('/') ? undefined : value;
  };

  const matchOwn = (method: string, pathname: string): EndpointMatchResult => {
    const found = exact.get(`${method} ${pathname}`);
    if (found !== undefined) return found;
    let other: { readonly protocol: Protocol; readonly methods: string[] } | undefined = exactPaths.get(pathname);
    for (const pattern of patterns) {
      const value = fits(pattern, pathname);
      if (value === undefined) continue;
      if (pattern.endpoint.method === method) {
        const parameter = decodeSegment(value);
        if (parameter === undefined) return UNKNOWN;
        return { type: 'matched', match: { protocol: pattern.protocol, endpoint: pattern.endpoint, parameter } };
      }
      other = { protocol: pattern.protocol, methods: [...(other?.methods ?? []), pattern.endpoint.method] };
    }
    return other === undefined
      ? UNKNOWN
      : { type: 'method-not-allowed', protocol: other.protocol, allowed: other.methods.join(', ') };
  };

  return {
    match(method, pathname) {
      if (!pathname.startsWith(PROVIDER_PREFIX)) return matchOwn(method, pathname);
      const slash = pathname.indexOf('/', PROVIDER_PREFIX.length);
      if (slash < 0) return UNKNOWN;
      const pinnedProvider = decodeSegment(pathname.slice(PROVIDER_PREFIX.length, slash));
      const inner = matchOwn(method, pathname.slice(slash));
      if (pinnedProvider === undefined || pinnedProvider === '') return UNKNOWN;
      return inner.type === 'matched' ? { type: 'matched', match: { ...inner.match, pinnedProvider } } : inner;
    },
  };
}

function decodeSegment(text: string): string | undefined {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
