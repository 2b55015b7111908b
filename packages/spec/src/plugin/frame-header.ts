import { integer, json, jsonObject, literal, object, optional, text, type ValueOf } from './schema/json-schema.ts';

/**
 * A frame: `[u32 BE header length][u32 BE attachment length][header: JSON-RPC 2.0 message, UTF-8][attachment bytes]`.
 * Bodies, chunks and lists of events are attachments; JSON strings carry none of them.
 */
export const FRAME_PREFIX_BYTES = 8;
export const MAX_FRAME_HEADER_BYTES = 16 * 1024 * 1024;
export const MAX_FRAME_ATTACHMENT_BYTES = 64 * 1024 * 1024;
/** Objects and lists in one another, in a header or an attachment of JSON. */
export const MAX_JSON_DEPTH = 64;

const id = integer({ minimum: 1 });

/** Asks for an answer. Each side counts its own ids from 1, and never uses one twice. */
export const rpcRequestSchema = object({
  jsonrpc: literal('2.0'),
  id,
  method: text({ minLength: 1, maxLength: 64 }),
  params: optional(jsonObject()),
});
/** Asks for nothing. */
export const rpcNotificationSchema = object({
  jsonrpc: literal('2.0'),
  method: text({ minLength: 1, maxLength: 64 }),
  params: optional(jsonObject()),
});
export const rpcSuccessSchema = object({ jsonrpc: literal('2.0'), id, result: jsonObject() });
export const rpcFailureSchema = object({
  jsonrpc: literal('2.0'),
  id,
  error: object({
    code: integer(),
    message: text({ maxLength: 4096 }),
    data: optional(
      object({
        /** Stable, in snake_case: programs branch on it. */
        code: optional(text({ maxLength: 64 })),
        /** The field of the params that is wrong. */
        field: optional(text({ maxLength: 256 })),
        details: optional(json()),
      }),
    ),
  }),
});

export type RpcRequest = ValueOf<typeof rpcRequestSchema>;
export type RpcNotification = ValueOf<typeof rpcNotificationSchema>;
export type RpcSuccess = ValueOf<typeof rpcSuccessSchema>;
export type RpcFailure = ValueOf<typeof rpcFailureSchema>;

/** Codes of `error.code`: those of JSON-RPC 2.0, and ours from -32000 down. */
export const RPC_CODES = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  /** Not granted by manifest and consent. */
  refused: -32001,
  /** Over a bound: calls at once, bytes, rate. */
  overLimit: -32002,
  cancelled: -32003,
  deadlineExceeded: -32004,
  /** The network, the file or the item could not be reached. */
  unavailable: -32005,
} as const;

/**
 * Notifications of the transport itself, in both directions. `id` is that of a call of the *caller's*: the caller sends
 * `$/cancel` and `$/credit`, the other side `$/chunk` (bytes as attachment) and `$/end`.
 */
export const TRANSPORT_NOTIFICATIONS = {
  /** The caller wants no answer any more. One may still come, and is passed over. */
  '$/cancel': object({ id }),
  /** So many bytes more may be sent as chunks. Chunks without credit are a breach of the contract. */
  '$/credit': object({ id, bytes: integer({ minimum: 1, maximum: MAX_FRAME_ATTACHMENT_BYTES }) }),
  '$/chunk': object({ id }),
  /** No chunk follows; with `error` the stream was cut. */
  '$/end': object({
    id,
    error: optional(object({ code: text({ maxLength: 64 }), message: text({ maxLength: 4096 }) })),
  }),
} as const;
