/** How many bytes tell what a file is. */
export const SNIFFED_BYTES = 512;

interface Signature {
  readonly mediaType: string;
  readonly at?: number;
  /** Latin-1. */
  readonly text: string;
}

/** In this order: the first that fits. https://mimesniff.spec.whatwg.org and the formats' own specifications. */
const SIGNATURES: readonly Signature[] = [
  { mediaType: 'image/png', text: '\x89PNG\r\n\x1a\n' },
  { mediaType: 'image/jpeg', text: '\xff\xd8\xff' },
  { mediaType: 'image/gif', text: 'GIF87a' },
  { mediaType: 'image/gif', text: 'GIF89a' },
  { mediaType: 'image/webp', at: 8, text: 'WEBP' },
  { mediaType: 'audio/wav', at: 8, text: 'WAVE' },
  { mediaType: 'image/bmp', text: 'BM' },
  { mediaType: 'image/tiff', text: 'II*\0' },
  { mediaType: 'image/tiff', text: 'MM\0*' },
  { mediaType: 'application/pdf', text: '%PDF-' },
  { mediaType: 'audio/mpeg', text: 'ID3' },
  { mediaType: 'audio/aac', text: '\xff\xf1' },
  { mediaType: 'audio/aac', text: '\xff\xf9' },
  { mediaType: 'audio/ogg', text: 'OggS' },
  { mediaType: 'audio/flac', text: 'fLaC' },
  { mediaType: 'audio/aiff', at: 8, text: 'AIF' },
  { mediaType: 'video/webm', text: '\x1aE\xdf\xa3' },
  { mediaType: 'application/zip', text: 'PK\x03\x04' },
  { mediaType: 'application/x-ole-storage', text: '\xd0\xcf\x11\xe0' },
  { mediaType: 'application/gzip', text: '\x1f\x8b' },
];

/** Files whose first box says which kind they are (ISO 14496-12). */
const BRANDS: readonly (readonly [RegExp, string])[] = [
  [/^avi[fs]/, 'image/avif'],
  [/^he(ic|ix|im|is|vc|vx)/, 'image/heic'],
  [/^(mif1|msf1)/, 'image/heif'],
  [/^M4[AB]/, 'audio/mp4'],
  [/^qt {2}/, 'video/quicktime'],
];

/**
 * What a file is by its first bytes (at most `SNIFFED_BYTES` are looked at): `text/html` and `text/plain` for UTF-8 text,
 * `undefined` for what is not known.
 */
export function sniffMediaType(bytes: Uint8Array): string | undefined {
  const head = bytes.subarray(0, SNIFFED_BYTES);
  const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1');
  const brand = text.slice(4, 8) === 'ftyp' ? text.slice(8, 12) : undefined;
  if (brand !== undefined) return BRANDS.find(([pattern]) => pattern.test(brand))?.[1] ?? 'video/mp4';
  const found = SIGNATURES.find((signature) => text.startsWith(signature.text, signature.at ?? 0));
  // Both are named at their eighth byte inside the same container.
  if (found !== undefined) return found.at === undefined || /^(RIFF|FORM)/.test(text) ? found.mediaType : undefined;
  if (isMp3Frame(head)) return 'audio/mpeg';
  if (!isText(head)) return undefined;
  return /^\s*<(!doctype html|html|head|body|script)[\s>]/i.test(text) ? 'text/html' : 'text/plain';
}

/** A frame of MPEG layer III without tags before it: eleven bits set, a layer, a bit rate and a sampling rate that exist. */
function isMp3Frame([first = 0, second = 0, third = 0]: Uint8Array): boolean {
  const isLayerThree = (second & 0b110) === 0b010 && (second & 0b1_1000) !== 0b0_1000;
  return (
    first === 0xff && (second & 0xe0) === 0xe0 && isLayerThree && third >> 4 !== 0xf && (third & 0b1100) !== 0b1100
  );
}

/** UTF-8 without the control characters that no text has; the last character may be cut. */
function isText(head: Uint8Array): boolean {
  if (head.length === 0 || head.some((byte) => byte < 0x09 || (byte > 0x0d && byte < 0x20 && byte !== 0x1b)))
    return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false;
  }
}
