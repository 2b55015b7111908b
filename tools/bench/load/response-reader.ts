/** Reads HTTP/1.1 answers of one connection, as cheaply as can be: it counts the body and keeps only its end. */
export interface ResponseReader {
  /** True when this chunk completed the answer. Throws on what is not HTTP. */
  readonly push: (chunk: Buffer) => boolean;
  /** True when the connection's end completed the answer: it had neither length nor framing. */
  readonly end: () => boolean;
  /** Makes it ready for the next answer. */
  readonly reset: () => void;
  /** 0 before the head is there. */
  readonly status: () => number;
  readonly bodyBytes: () => number;
  readonly mustClose: () => boolean;
  /** The last bytes of the body, up to 32. */
  readonly tail: () => string;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const MAX_HEAD_BYTES = 64 * 1024;
const TAIL_BYTES = 32;
const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;
const SEMICOLON = 0x3b;

type Part =
  | 'head'
  | 'fixed'
  | 'until-close'
  | 'chunk-size'
  | 'chunk-extension'
  | 'chunk-data'
  | 'chunk-end'
  | 'trailer';

/** `onBody` is told every piece of a body, without the framing around it, as it comes. */
export function createResponseReader(onBody?: (piece: Buffer) => void): ResponseReader {
  let part: Part = 'head';
  let pending: Buffer = Buffer.alloc(0);
  let status = 0;
  let isLast = false;
  /** Of the fixed body, the chunk or the chunk's line end. */
  let left = 0;
  let bodyBytes = 0;
  let trailerLine = 0;
  let tail: Buffer = Buffer.alloc(0);

  function take(piece: Buffer): void {
    onBody?.(piece);
    bodyBytes += piece.length;
    tail =
      piece.length >= TAIL_BYTES ? piece.subarray(-TAIL_BYTES) : Buffer.concat([tail, piece]).subarray(-TAIL_BYTES);
  }

  /** Answers where the body begins in `chunk`, or undefined while the head is not whole. */
  function readHead(chunk: Buffer): Buffer | undefined {
    const bytes = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    const end = bytes.indexOf(HEAD_END);
    if (end < 0) {
      if (bytes.length > MAX_HEAD_BYTES) throw new Error('the head of the answer does not end');
      pending = bytes;
      return undefined;
    }
    pending = Buffer.alloc(0);
    const head = bytes.toString('latin1', 0, end + 2).toLowerCase();
    if (!head.startsWith('http/1.1 ')) throw new Error('the answer is not HTTP/1.1');
    status = Number(head.slice(9, 12));
    isLast = head.includes('\r\nconnection: close\r\n');
    const length = /\r\ncontent-length: *(\d+)\r\n/.exec(head)?.[1];
    if (/\r\ntransfer-encoding: *chunked\r\n/.test(head)) part = 'chunk-size';
    else if (length !== undefined) {
      part = 'fixed';
      left = Number(length);
    } else {
      part = 'until-close';
      isLast = true;
    }
    if (part === 'chunk-size') left = 0;
    return bytes.subarray(end + HEAD_END.length);
  }

  function readChunked(bytes: Buffer): boolean {
    let at = 0;
    while (at < bytes.length) {
      const byte = bytes[at] ?? 0;
      switch (part) {
        case 'chunk-size':
        case 'chunk-extension':
          at += 1;
          if (byte === LINE_FEED) {
            part = left === 0 ? 'trailer' : 'chunk-data';
            trailerLine = 0;
          } else if (byte === SEMICOLON) part = 'chunk-extension';
          else if (part === 'chunk-size' && byte !== CARRIAGE_RETURN) left = left * 16 + hexDigit(byte);
          break;
        case 'chunk-data': {
          const piece = bytes.subarray(at, at + left);
          take(piece);
          at += piece.length;
          left -= piece.length;
          if (left === 0) part = 'chunk-end';
          break;
        }
        case 'chunk-end':
          at += 1;
          if (byte === LINE_FEED) part = 'chunk-size';
          break;
        default:
          at += 1;
          if (byte === LINE_FEED) {
            if (trailerLine === 0) return true;
            trailerLine = 0;
          } else if (byte !== CARRIAGE_RETURN) trailerLine += 1;
      }
    }
    return false;
  }

  return {
    push(chunk) {
      const bytes = part === 'head' ? readHead(chunk) : chunk;
      if (bytes === undefined) return false;
      if (part === 'until-close') {
        take(bytes);
        return false;
      }
      if (part !== 'fixed') return readChunked(bytes);
      if (bytes.length > left) throw new Error('the answer is longer than it said');
      take(bytes);
      left -= bytes.length;
      return left === 0;
    },
    end: () => part === 'until-close',
    reset() {
      part = 'head';
      status = 0;
      left = 0;
      bodyBytes = 0;
      tail = Buffer.alloc(0);
    },
    status: () => status,
    bodyBytes: () => bodyBytes,
    mustClose: () => isLast,
    tail: () => tail.toString('latin1'),
  };
}

function hexDigit(byte: number): number {
  const value = Number.parseInt(String.fromCharCode(byte), 16);
  if (Number.isNaN(value)) throw new Error('the answer has a broken chunk size');
  return value;
}
