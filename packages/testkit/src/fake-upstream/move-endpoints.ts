import type { FakeEndpoint } from './dialect.ts';

/** The endpoints that begin with one path, below another. Both are patterns, such as `\\/v1`. */
export function moveEndpoints(endpoints: readonly FakeEndpoint[], from: string, to: string): readonly FakeEndpoint[] {
  return endpoints
    .filter(({ path }) => path.source.startsWith(`^${from}`))
    .map((endpoint) => ({ ...endpoint, path: new RegExp(`^${to}${endpoint.path.source.slice(from.length + 1)}`) }));
}
