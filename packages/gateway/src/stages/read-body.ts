import type { IncomingMessage } from 'node:http';
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib';
import { GatewayError, InvalidRequestError, type ProxyCastError, RequestTooLargeError } from '@proxycast/spec';

export type BodyResult =
  | { readonly type: 'read'; readonly body: Buffer }
  | { readonly type: 'refused'; readonly error: ProxyCastError }
  | { readonly type: 'client-left' };

/** Bytes of request bodies in memory, over all requests. */
export interface BufferBudget {
  usedBytes: number;
}

const EMPTY = Buffer.alloc(0);

// After a refusal the rest of the body is thrown away up to here, so that the client reads the answer instead of a reset.
const MAX_DISCARDED_BYTES = 64 * 1024 * 1024;

/**
 * Reads a request's body within bounds and calls back once. The bytes count against `budget` until the caller gives
 * them back. A refused body is drained and dropped.
 */
export function readBody(
  request: IncomingMessage,
  bounds: { readonly maxBodyBytes: number; readonly maxBufferedBytes: number; readonly budget: BufferBudget },
  done: (result: BodyResult) => void,
): void {
  const { maxBodyBytes, maxBufferedBytes, budget } = bounds;
  let chunks: Buffer[] = [];
  let bytes = 0;
  let isDone = false;

  const finish = (result: BodyResult): void => {
    if (isDone) return;
    isDone = true;
    if (result.type !== 'read') budget.usedBytes -= bytes;
    chunks = [];
    done(result);
  };
  const refuse = (error: ProxyCastError): void => {
    finish({ type: 'refused', error });
    let discarded = 0;
    request.on('data', (chunk: Buffer) => {
      discarded += chunk.length;
      if (discarded > MAX_DISCARDED_BYTES) request.destroy();
    });
  };

  const declared = Number(request.headers['content-length']);
  if (declared > maxBodyBytes) {
    refuse(new RequestTooLargeError(maxBodyBytes));
    return;
  }
  request.on('data', (chunk: Buffer) => {
    if (isDone) return;
    bytes += chunk.length;
    budget.usedBytes += chunk.length;
    if (bytes > maxBodyBytes) {
      refuse(new RequestTooLargeError(maxBodyBytes));
      return;
    }
    if (budget.usedBytes > maxBufferedBytes) {
      refuse(
        new GatewayError({
          code: 'request_memory_full',
          kind: 'overloaded',
          message:
            'ProxyCast holds as many request bytes as it may (setting limits.max_buffered_bytes). Try again shortly.',
          retryAfterMs: 1_000,
        }),
      );
      return;
    }
    chunks.push(chunk);
  });
  request.on('end', () => {
    if (isDone) return;
    const raw = chunks.length === 1 ? (chunks[0] ?? EMPTY) : Buffer.concat(chunks, bytes);
    const encoding = request.headers['content-encoding'];
    if (encoding === undefined || encoding === 'identity') {
      finish({ type: 'read', body: raw });
      return;
    }
    decompress(raw, encoding, maxBodyBytes, (result) => {
      // What is held from here on is what came out, not what came in.
      if (result.type === 'read') {
        budget.usedBytes += result.body.length - bytes;
        bytes = result.body.length;
      }
      finish(result);
    });
  });
  request.on('error', () => finish({ type: 'client-left' }));
  // Node closes a request that was read to its end as well, while its body may still be unpacked.
  request.on('close', () => {
    if (!request.complete) finish({ type: 'client-left' });
  });
}

type Decompressor = (
  body: Buffer,
  options: { readonly maxOutputLength: number },
  done: (error: Error | null, body: Buffer) => void,
) => void;

const DECOMPRESSORS: ReadonlyMap<string, Decompressor> = new Map<string, Decompressor>([
  ['gzip', gunzip],
  ['x-gzip', gunzip],
  ['deflate', inflate],
  ['br', brotliDecompress],
  ['zstd', zstdDecompress],
]);

function decompress(raw: Buffer, encoding: string, maxBodyBytes: number, done: (result: BodyResult) => void): void {
  const name = encoding.trim().toLowerCase();
  const decompressor = DECOMPRESSORS.get(name);
  if (decompressor === undefined) {
    done({
      type: 'refused',
      error: new InvalidRequestError({
        code: 'unsupported_content_encoding',
        message: `The content-encoding is not one of ${[...DECOMPRESSORS.keys()].join(', ')}.`,
      }),
    });
    return;
  }
  decompressor(raw, { maxOutputLength: maxBodyBytes }, (error, body) => {
    if (error === null) {
      done({ type: 'read', body });
      return;
    }
    const isTooLarge = 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    done({
      type: 'refused',
      error: isTooLarge
        ? new RequestTooLargeError(maxBodyBytes)
        : new InvalidRequestError({
            code: 'invalid_content_encoding',
            message: `The body is not valid ${name}.`,
            cause: error,
          }),
    });
  });
}
