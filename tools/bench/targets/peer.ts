import { findListener } from '../process/find-listener.ts';
import { CLIENT_HEADERS, type TargetKind } from './target.ts';

/** A program that somebody else started, to be seen beside the others. */
export interface PeerAddress {
  readonly name: string;
  readonly url: URL;
}

/** Its client key, where it wants one. */
export const PEER_KEY_VARIABLE = 'BENCH_PEER_KEY';

export function createPeerKind({ name, url }: PeerAddress): TargetKind {
  const key = process.env[PEER_KEY_VARIABLE] ?? 'none';
  const port = Number(url.port === '' ? 80 : url.port);
  return {
    name,
    async start() {
      const pid = findListener(port);
      return {
        name,
        host: url.hostname,
        port,
        basePath: url.pathname.replace(/\/$/, ''),
        headers: { ...CLIENT_HEADERS, authorization: `Bearer ${key}` },
        ...(pid === undefined ? {} : { pid }),
        isExact: false,
        isConverting: true,
        stop: async () => {},
      };
    },
  };
}
