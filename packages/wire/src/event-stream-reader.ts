import { crc32 } from 'node:zlib';
import { type Frame, UpstreamError } from '@proxycast/spec';

/** Total length, headers length and their checksum. */
const PRELUDE_BYTES = 12;
const CHECKSUM_BYTES = 4;
/** The service sends at most 16 MB in one message (Amazon's description of the format, seen 2026-11). */
const MAX_FRAME_BYTES = 16 * 1024 * 1024;

const EMPTY = Buffer.alloc(0);

/**
 * Frames of `application/vnd.amazon.eventstream`, cut and checked by their two CRC-32 sums. A frame's `event` is its
 * event type; an exception's is `exception:{type}`, an error's `error:{code}`.
 */
export function createEventStreamReader(): {
  push(chunk: Uint8Array): readonly Frame[];
  end(): readonly Frame[];
} {
  let rest = EMPTY;
  return {
    push(chunk) {
      const bytes = rest.length === 0 ? asBuffer(chunk) : Buffer.concat([rest, chunk]);
      const frames: Frame[] = [];
      let at = 0;
      while (bytes.length - at >= PRELUDE_BYTES) {
        const total = bytes.readUInt32BE(at);
        if (total < PRELUDE_BYTES + CHECKSUM_BYTES || total > MAX_FRAME_BYTES) throw damaged('a length that cannot be');
        if (crc32(bytes.subarray(at, at + 8)) !== bytes.readUInt32BE(at + 8)) throw damaged('a wrong prelude checksum');
        if (bytes.length - at < total) break;
        frames.push(readFrame(bytes.subarray(at, at + total)));
        at += total;
      }
      // A copy of what is left: a view would keep the whole network read it is part of.
      rest = at === bytes.length ? EMPTY : Buffer.from(bytes.subarray(at));
      return frames;
    },
    end() {
      if (rest.length > 0) throw damaged('an end inside a frame');
      return [];
    },
  };
}

function readFrame(frame: Buffer): Frame {
  const end = frame.length - CHECKSUM_BYTES;
  if (crc32(frame.subarray(0, end)) !== frame.readUInt32BE(end)) throw damaged('a wrong checksum');
  const headersEnd = PRELUDE_BYTES + frame.readUInt32BE(4);
  if (headersEnd > end) throw damaged('headers longer than the frame');
  const headers = readHeaders(frame.subarray(PRELUDE_BYTES, headersEnd));
  const data = frame.toString('utf8', headersEnd, end);
  switch (headers.get(':message-type')) {
    case 'exception':
      return { event: `exception:${headers.get(':exception-type') ?? ''}`, data };
    case 'error':
      return {
        event: `error:${headers.get(':error-code') ?? ''}`,
        data: JSON.stringify({ message: headers.get(':error-message') ?? data }),
      };
    default:
      return { event: headers.get(':event-type') ?? '', data };
  }
}

/** Bytes of a value after its type, by type; strings and byte arrays say their own length. */
const VALUE_BYTES: Readonly<Record<number, number>> = { 0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16 };

/** Only strings are of interest; values of the other types are stepped over. */
function readHeaders(bytes: Buffer): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  let at = 0;
  const need = (count: number): void => {
    if (at + count > bytes.length) throw damaged('headers that break off');
  };
  while (at < bytes.length) {
    need(1);
    const nameLength = bytes.readUInt8(at);
    need(nameLength + 2);
    const name = bytes.toString('utf8', at + 1, at + 1 + nameLength);
    const type = bytes.readUInt8(at + 1 + nameLength);
    at += nameLength + 2;
    if (type === 6 || type === 7) {
      need(2);
      const length = bytes.readUInt16BE(at);
      need(2 + length);
      if (type === 7) headers.set(name, bytes.toString('utf8', at + 2, at + 2 + length));
      at += 2 + length;
      continue;
    }
    const length = VALUE_BYTES[type];
    if (length === undefined) throw damaged(`a header of the unknown type ${type}`);
    need(length);
    at += length;
  }
  return headers;
}

const asBuffer = (chunk: Uint8Array): Buffer => Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);

const damaged = (what: string): UpstreamError =>
  new UpstreamError({ code: 'upstream_invalid_frame', message: `The upstream sent an event stream with ${what}.` });
