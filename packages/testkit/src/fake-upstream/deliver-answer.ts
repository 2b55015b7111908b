import type { ServerResponse } from 'node:http';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import type { Delivery } from './answer.ts';

export interface Outgoing {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Units the `event` delivery writes one by one. */
  readonly frames: readonly (string | Buffer)[];
  readonly isStream: boolean;
  /** Written after the frames that `failAfterBytes` lets through. */
  readonly errorFrame?: string;
}

export interface DeliveryWatch {
  /** Aborted when the peer has left. */
  readonly left: AbortSignal;
  onFirstByte(): void;
  onBytes(count: number): void;
  /** Just before the script breaks the connection. */
  onCut(): void;
}

/** Writes an answer as its delivery says. Settles when everything is handed over, or the peer has left. */
export async function deliverAnswer(
  response: ServerResponse,
  outgoing: Outgoing,
  delivery: Delivery,
  acceptEncoding: string,
  watch: DeliveryWatch,
): Promise<'complete' | 'cut' | 'left'> {
  const frames = outgoing.frames.map((frame) => (typeof frame === 'string' ? Buffer.from(frame) : frame));
  const encoding =
    delivery.compress !== undefined && acceptEncoding.includes(delivery.compress) ? delivery.compress : undefined;
  const plan = planBody(frames, outgoing, delivery, encoding);

  await passOrLeave(delivery.beforeHead?.wait(), watch.left);
  if (watch.left.aborted) return 'left';

  const headers: Record<string, string> = { ...outgoing.headers };
  if (encoding !== undefined) headers['content-encoding'] = encoding;
  if (!outgoing.isStream) headers['content-length'] = String(plan.fullLength);
  response.writeHead(outgoing.status, { ...headers, ...delivery.headers });
  watch.onFirstByte();
  if (delivery.beforeChunk !== undefined || plan.chunks.length === 0) response.flushHeaders();

  for (const chunk of plan.chunks) {
    await passOrLeave(delivery.beforeChunk?.wait(), watch.left);
    if (watch.left.aborted) return 'left';
    const isFlushed = response.write(chunk);
    watch.onBytes(chunk.length);
    if (!isFlushed) await passOrLeave(new Promise((resolve) => response.once('drain', resolve)), watch.left);
    // A turn of the event loop between writes, so that each leaves as a packet of its own.
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (watch.left.aborted) return 'left';
  if (plan.ending === 'hold') {
    await passOrLeave(new Promise(() => {}), watch.left);
    return 'left';
  }
  if (plan.ending === 'cut') {
    await flushed(response);
    watch.onCut();
    response.socket?.destroy();
    return 'cut';
  }
  response.end();
  return 'complete';
}

function planBody(
  frames: readonly Buffer[],
  outgoing: Outgoing,
  delivery: Delivery,
  encoding: Delivery['compress'],
): { chunks: readonly Buffer[]; ending: 'close' | 'cut' | 'hold'; fullLength: number } {
  const whole = Buffer.concat(frames);
  const body = encoding === undefined ? whole : compress(whole, encoding);
  const chunks = delivery.chunks ?? (outgoing.isStream ? 'event' : 'whole');
  const { failAfterBytes, endAfterBytes, cutAfterBytes, holdAfterBytes } = delivery;
  if (failAfterBytes !== undefined && encoding === undefined) {
    const kept: Buffer[] = [];
    let length = 0;
    for (const frame of frames) {
      if (length > failAfterBytes) break;
      kept.push(frame);
      length += frame.length;
    }
    const failing = Buffer.from(outgoing.errorFrame ?? '');
    return { chunks: cutBody([...kept, failing], chunks), ending: 'close', fullLength: length + failing.length };
  }
  const limit = Math.min(endAfterBytes ?? Infinity, cutAfterBytes ?? Infinity, holdAfterBytes ?? Infinity);
  const sent = body.subarray(0, Math.min(limit, body.length));
  const units = chunks === 'event' && encoding === undefined ? limitFrames(frames, sent.length) : [sent];
  const ending = limit === cutAfterBytes ? 'cut' : limit === holdAfterBytes ? 'hold' : 'close';
  const fullLength = limit === endAfterBytes ? sent.length : body.length;
  return { chunks: cutBody(units, chunks), ending, fullLength };
}

function limitFrames(frames: readonly Buffer[], length: number): readonly Buffer[] {
  const kept: Buffer[] = [];
  let left = length;
  for (const frame of frames) {
    if (left <= 0) break;
    kept.push(frame.subarray(0, left));
    left -= frame.length;
  }
  return kept;
}

/** Cuts a body into the writes a delivery asks for. */
function cutBody(frames: readonly Buffer[], chunks: NonNullable<Delivery['chunks']>): readonly Buffer[] {
  if (chunks === 'event') return frames.filter((frame) => frame.length > 0);
  const whole = Buffer.concat(frames);
  const lengths = typeof chunks === 'object' ? chunks : [];
  const pieces: Buffer[] = [];
  let position = 0;
  for (const length of lengths) {
    pieces.push(whole.subarray(position, position + length));
    position += length;
  }
  const step = chunks === 'byte' ? 1 : typeof chunks === 'number' ? Math.max(1, chunks) : whole.length;
  for (; position < whole.length; position += step) pieces.push(whole.subarray(position, position + step));
  return pieces.filter((piece) => piece.length > 0);
}

function compress(body: Buffer, encoding: NonNullable<Delivery['compress']>): Buffer {
  switch (encoding) {
    case 'gzip':
      return gzipSync(body);
    case 'br':
      return brotliCompressSync(body);
    case 'zstd':
      return zstdCompressSync(body);
  }
}

/** Waits, but no longer than the peer stays. */
export async function passOrLeave(waiting: Promise<unknown> | undefined, left: AbortSignal): Promise<void> {
  if (waiting === undefined || left.aborted) return;
  const { promise: leaving, resolve } = Promise.withResolvers<void>();
  const leave = () => resolve();
  left.addEventListener('abort', leave, { once: true });
  await Promise.race([waiting, leaving]);
  left.removeEventListener('abort', leave);
}

/** Settles when what was written is with the operating system, so that a cut comes after it and not instead of it. */
function flushed(response: ServerResponse): Promise<void> {
  const { socket } = response;
  if (socket === null || socket.writableLength === 0) return Promise.resolve();
  return new Promise((resolve) => {
    socket.once('drain', resolve);
    socket.once('close', () => resolve());
    socket.write('', () => resolve());
  });
}
