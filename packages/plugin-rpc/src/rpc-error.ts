import { RPC_CODES } from '@proxycast/spec/plugin';

export interface RpcErrorData {
  /** Stable, in snake_case. */
  readonly code?: string;
  readonly field?: string;
  readonly details?: unknown;
}

/** How a call failed. Thrown by a handler, it reaches the other side as it is: no secret belongs into its message. */
export class RpcError extends Error {
  /** One of `RPC_CODES`, or the other side's own. */
  readonly rpcCode: number;
  readonly data: RpcErrorData;

  constructor(rpcCode: number, message: string, data: RpcErrorData = {}, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'RpcError';
    this.rpcCode = rpcCode;
    this.data = data;
  }
}

export const rpcRefused = (message: string, data: RpcErrorData = {}): RpcError =>
  new RpcError(RPC_CODES.refused, message, { code: 'not_granted', ...data });
