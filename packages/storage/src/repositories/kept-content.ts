import type { KeptContent } from '@proxycast/spec';

const PARTS = ['response', 'input', 'output'] as const;
const HEADER_BYTES = 4 * PARTS.length;

/**
 * The three texts behind one another as UTF-8, with their lengths in front (32 bits each, big endian). They may hold
 * megabytes of pictures, which JSON in JSON would be escaped and read letter by letter.
 */
export function packContent(content: KeptContent): Buffer {
  const texts = PARTS.map((part) => Buffer.from(content[part]));
  const header = Buffer.alloc(HEADER_BYTES);
  texts.forEach((text, index) => {
    header.writeUInt32BE(text.length, 4 * index);
  });
  return Buffer.concat([header, ...texts]);
}

/** `undefined` when these are no such bytes. */
export function unpackContent(bytes: Buffer): KeptContent | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  let at = HEADER_BYTES;
  const [response = '', input = '', output = ''] = PARTS.map((_, index) => {
    const start = at;
    at += bytes.readUInt32BE(4 * index);
    return bytes.toString('utf8', start, Math.min(at, bytes.length));
  });
  return at === bytes.length ? { response, input, output } : undefined;
}
