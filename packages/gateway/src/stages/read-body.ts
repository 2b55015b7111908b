import type { IncomingMessage } from 'node:http';
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib';
import { InvalidRequestError, type ProxyCastError, RequestTooLargeError } from '@proxycast/spec';
import { ChunkedBytes } from '@proxycast/wire';
import { discardBody } from '../discard-body.ts';
import { type BufferBudget, memoryFull } from './buffer-budget.ts';

export type BodyResult =
  | { readonly type: 'read'; readonly body: ChunkedBytes }
  | { readonly type: 'refused'; readonly error: ProxyCastError };

/**
 * Reads a request's body within bounds and calls back once, unless the returned function was called before: the client
 * is gone. The bytes count against `budget` until the caller gives them back. A refused body is drained and dropped.
 */
export function readBody(
  request: IncomingMessage,
  bounds: {
    readonly maxBodyBytes: number;
    readonly maxBufferedBytes: number;
    readonly budget: BufferBudget;
  },
  done: (result: BodyResult) => void,
): () => void {
  const { maxBodyBytes, maxBufferedBytes, budget } = bounds;
  const encoding = request.headers['content-encoding'];
  const isPlain = encoding === undefined || encoding === 'identity';
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
    discardBody(request);
  };

  const declared = Number(request.headers['content-length']);
  if (declared > maxBodyBytes) {
    refuse(new RequestTooLargeError(maxBodyBytes));
    return () => undefined;
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
      refuse(memoryFull());
      return;
    }
    chunks.push(chunk);
  });
  request.on('end', () => {
    if (isDone) return;
    const body = new ChunkedBytes(chunks);
    if (isPlain) {
      finish({ type: 'read', body });
      return;
    }
    decompress(body.joined(), encoding, maxBodyBytes, (result) => {
      if (isDone) return;
      if (result.type === 'refused') {
        finish(result);
        return;
      }
      const unpacked = new ChunkedBytes([result.body]);
      // What is held from here on is what came out, not what came in.
      budget.usedBytes += unpacked.length - bytes;
      bytes = unpacked.length;
      finish({ type: 'read', body: unpacked });
    });
  });
  return () => {
    if (isDone) return;
    isDone = true;
    chunks = [];
    budget.usedBytes -= bytes;
  };
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

type Decompressed =
  | { readonly type: 'unpacked'; readonly body: Buffer }
  | { readonly type: 'refused'; readonly error: ProxyCastError };

function decompress(raw: Buffer, encoding: string, maxBodyBytes: number, done: (result: Decompressed) => void): void {
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
      done({ type: 'unpacked', body });
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
