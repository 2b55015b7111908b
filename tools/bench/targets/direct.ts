import type { Upstream } from '../upstream/start-upstream.ts';
import { CLIENT_HEADERS, DIRECT, type TargetKind } from './target.ts';

/** Nothing between: what the harness itself takes. */
export function createDirectKind(upstream: Upstream): TargetKind {
  return {
    name: DIRECT,
    start: async () => ({
      name: DIRECT,
      host: '127.0.0.1',
      port: upstream.port,
      basePath: '',
      headers: CLIENT_HEADERS,
      isExact: true,
      isConverting: false,
      stop: async () => {},
    }),
  };
}
