import { FRAME_PREFIX_BYTES } from '@proxycast/spec/plugin';
import { exceedsJsonDepth } from './exceeds-json-depth.ts';
import { type FrameLimits, NO_BYTES, type RawFrame } from './frame.ts';

/** What the bytes on a pipe can do wrong. Nothing that follows can be understood. */
export class FrameBreach extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FrameBreach';
  }
}

/**
 * Bytes in, whole frames out. Throws FrameBreach for lengths over the limits before it keeps a byte for them, and for a
 * header that is no JSON or nests too deep.
 */
export class FrameReader {
  readonly #limits: FrameLimits;
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  /** Of the frame that has begun: bytes needed until it is whole. */
  #needed = FRAME_PREFIX_BYTES;

  constructor(limits: FrameLimits) {
    this.#limits = limits;
  }

  /** Bytes kept of a frame that is not whole. */
  get heldBytes(): number {
    return this.#bytes;
  }

  *push(chunk: Uint8Array): Generator<RawFrame> {
    let rest = chunk;
    if (this.#bytes > 0) {
      this.#pieces.push(chunk);
      this.#bytes += chunk.length;
      if (this.#bytes < this.#needed) return;
      // Joined once the frame is whole, not at each read: a frame of 64 MB comes in a thousand.
      rest = Buffer.concat(this.#pieces, this.#bytes);
      this.#pieces = [];
      this.#bytes = 0;
    }
    const buffer = Buffer.from(rest.buffer, rest.byteOffset, rest.byteLength);
    let at = 0;
    for (;;) {
      this.#needed = FRAME_PREFIX_BYTES;
      if (buffer.length - at < FRAME_PREFIX_BYTES) break;
      const headerBytes = buffer.readUInt32BE(at);
      const attachmentBytes = buffer.readUInt32BE(at + 4);
      this.#checkLengths(headerBytes, attachmentBytes);
      this.#needed = FRAME_PREFIX_BYTES + headerBytes + attachmentBytes;
      if (buffer.length - at < this.#needed) break;
      const headerEnd = at + FRAME_PREFIX_BYTES + headerBytes;
      const header = this.#parseHeader(buffer.subarray(at + FRAME_PREFIX_BYTES, headerEnd));
      const attachment = attachmentBytes === 0 ? NO_BYTES : buffer.subarray(headerEnd, headerEnd + attachmentBytes);
      at += this.#needed;
      yield { header, attachment };
    }
    if (at < buffer.length) {
      this.#pieces = [buffer.subarray(at)];
      this.#bytes = buffer.length - at;
    }
  }

  #checkLengths(headerBytes: number, attachmentBytes: number): void {
    const { maxHeaderBytes, maxAttachmentBytes } = this.#limits;
    if (headerBytes === 0) throw new FrameBreach('a frame without a header');
    if (headerBytes > maxHeaderBytes) {
      throw new FrameBreach(`a header of ${headerBytes} bytes, where ${maxHeaderBytes} are allowed`);
    }
    if (attachmentBytes > maxAttachmentBytes) {
      throw new FrameBreach(`an attachment of ${attachmentBytes} bytes, where ${maxAttachmentBytes} are allowed`);
    }
  }

  #parseHeader(bytes: Buffer): unknown {
    if (exceedsJsonDepth(bytes, this.#limits.maxJsonDepth)) throw new FrameBreach('a header that nests too deep');
    try {
      const header: unknown = JSON.parse(bytes.toString('utf8'));
      return header;
    } catch {
      throw new FrameBreach('a header that is no JSON');
    }
  }
}
