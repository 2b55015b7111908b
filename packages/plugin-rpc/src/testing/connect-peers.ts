import { MAX_FRAME_ATTACHMENT_BYTES, MAX_FRAME_HEADER_BYTES, MAX_JSON_DEPTH } from '@proxycast/spec/plugin';
import { createRpcPeer, type RpcPeer, type RpcPeerParts } from '../rpc-peer.ts';

export interface PeerPair {
  readonly a: RpcPeer;
  readonly b: RpcPeer;
  /** Breaches that each side found in the other. */
  readonly breaches: { readonly a: string[]; readonly b: string[] };
  /** Bytes straight into one side, as if the other had written them. */
  readonly inject: (side: 'a' | 'b', bytes: Uint8Array) => void;
  /** Bytes that went to each side. */
  readonly taken: { a: number; b: number };
}

type Handlers = Partial<Pick<RpcPeerParts, 'onCall' | 'onNotification' | 'setTimer' | 'limits' | 'queuedBytes'>>;

export const TEST_LIMITS: RpcPeerParts['limits'] = {
  maxHeaderBytes: MAX_FRAME_HEADER_BYTES,
  maxAttachmentBytes: MAX_FRAME_ATTACHMENT_BYTES,
  maxJsonDepth: MAX_JSON_DEPTH,
  maxIncomingCalls: 8,
  maxIncomingBytes: 1 << 20,
  maxQueuedBytes: 1 << 20,
};

/** Two sides on a pipe in memory that delivers in order, a turn later. */
export function connectPeers(ofA: Handlers = {}, ofB: Handlers = {}): PeerPair {
  const breaches = { a: [] as string[], b: [] as string[] };
  const taken = { a: 0, b: 0 };
  const partsOf = (side: 'a' | 'b', handlers: Handlers, other: () => RpcPeer): RpcPeerParts => ({
    write: (parts) => {
      const bytes = Buffer.concat(parts);
      setImmediate(() => {
        taken[side === 'a' ? 'b' : 'a'] += bytes.length;
        other().receive(bytes);
      });
      return true;
    },
    queuedBytes: () => 0,
    setTimer: (callback, delayMs) => {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
    onCall: () => ({ result: {} }),
    onNotification: () => undefined,
    onBreach: (reason) => void breaches[side].push(reason),
    limits: TEST_LIMITS,
    ...handlers,
  });
  const a: RpcPeer = createRpcPeer(partsOf('a', ofA, () => b));
  const b: RpcPeer = createRpcPeer(partsOf('b', ofB, () => a));
  return { a, b, breaches, taken, inject: (side, bytes) => (side === 'a' ? a : b).receive(bytes) };
}
