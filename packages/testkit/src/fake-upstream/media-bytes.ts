/** How files of a kind begin, as Latin-1. */
const BEGINNINGS: readonly (readonly [string, RegExp])[] = [
  ['image/png', /^\x89PNG/],
  ['image/jpeg', /^\xff\xd8\xff/],
  ['image/gif', /^GIF8/],
  ['image/webp', /^RIFF....WEBP/s],
  ['application/pdf', /^%PDF-/],
  ['audio/wav', /^RIFF....WAVE/s],
  ['audio/mpeg', /^(ID3|\xff[\xf2\xf3\xfa\xfb])/],
  ['audio/ogg', /^OggS/],
  ['audio/flac', /^fLaC/],
];
const KNOWN = new Map(BEGINNINGS);
/** What a recording holds in place of a picture. */
const LEFT_OUT = btoa('fakeImageBase64Data');

/**
 * What is wrong with the bytes of a file, as a service that reads it would say; `undefined` when nothing is. `compares`: the
 * whole type, or its first half only.
 */
export function mediaFault(mediaType: string, base64: string, compares: 'type' | 'kind' = 'type'): string | undefined {
  if (base64 === LEFT_OUT) return undefined;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64) || base64.length % 4 === 1) return 'invalid base64 data';
  const head = Buffer.from(base64.slice(0, 24), 'base64').toString('latin1');
  const expected = KNOWN.get(mediaType);
  const actual = BEGINNINGS.find(([, pattern]) => pattern.test(head))?.[0];
  const isRight =
    actual !== undefined && (compares === 'type' ? actual === mediaType : kindOf(actual) === kindOf(mediaType));
  if (isRight || (actual === undefined && expected === undefined)) return undefined;
  return `the bytes do not match the media type ${mediaType}`;
}

const kindOf = (mediaType: string): string => mediaType.split('/', 1)[0] ?? '';

/** The parts of a base64 `data:` address; `undefined` for any other text. */
export function readDataUri(text: string): { readonly mediaType: string; readonly data: string } | undefined {
  const match = /^data:([^,;]*)(?:;[^,]*)?;base64,([\s\S]*)$/.exec(text);
  return match === null ? undefined : { mediaType: match[1] ?? '', data: match[2] ?? '' };
}

/** What is wrong with a picture in a `data:` address, for the services that take four kinds of them. */
export function pictureFault(address: string): string | undefined {
  const held = readDataUri(address);
  if (held === undefined) return undefined;
  if (!PICTURES.includes(held.mediaType)) {
    return `You uploaded an unsupported image. Please make sure your image has of one the following formats: ${PICTURES.join(', ')}.`;
  }
  return mediaFault(held.mediaType, held.data);
}

const PICTURES: readonly string[] = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];

/** What is wrong with a sound in one of the two forms that are taken. */
export const soundFault = (format: unknown, data: string): string | undefined =>
  mediaFault(format === 'mp3' ? 'audio/mpeg' : 'audio/wav', data);
