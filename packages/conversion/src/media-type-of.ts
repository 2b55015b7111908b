import type { MediaBlock } from '@proxycast/spec';

/** Kinds whose first bytes are known, as Latin-1, each with where they stand. */
const BEGINNINGS: readonly (readonly [mediaType: string, text: string, at: number])[] = [
  ['image/png', '\x89PNG', 0],
  ['image/jpeg', '\xff\xd8\xff', 0],
  ['image/gif', 'GIF8', 0],
  ['image/webp', 'WEBP', 8],
  ['application/pdf', '%PDF-', 0],
  ['audio/wav', 'WAVE', 8],
  ['audio/mpeg', 'ID3', 0],
  ['audio/ogg', 'OggS', 0],
  ['audio/flac', 'fLaC', 0],
];
/** As many characters of base64 as hold twelve bytes. */
const LOOKED_AT = 16;

/** Names that clients use for what has another. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['image/jpg', 'image/jpeg'],
  ['image/pjpeg', 'image/jpeg'],
  ['application/x-pdf', 'application/pdf'],
  ['audio/mp3', 'audio/mpeg'],
  ['audio/x-wav', 'audio/wav'],
  ['audio/wave', 'audio/wav'],
  ['audio/vnd.wave', 'audio/wav'],
]);

/** A media type by its usual name: lower case, without parameters. */
export function plainMediaType(mediaType: string): string {
  const named = mediaType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return ALIASES.get(named) ?? named;
}

/**
 * The media type of a file as its bytes say, since services compare the two and refuse what differs; else as it is named.
 */
export function mediaTypeOf({ mediaType, data }: { readonly mediaType: string; readonly data: string }): string {
  return mediaTypeOfBytes(data) ?? plainMediaType(mediaType);
}

/** What a file is: a picture that a client sent as a document is a picture to every service. */
export function mediaKindOf({ type, source }: MediaBlock): MediaBlock['type'] {
  const isPicture = type === 'document' && source.type === 'base64' && mediaTypeOf(source).startsWith('image/');
  return isPicture ? 'image' : type;
}

/** The media type of a file that nobody named: as its bytes say, else what is mostly sent in its place. */
export function unnamedMediaType(base64: string, usual: string): string {
  // Office documents are such archives, and which of them it is stands far inside.
  return mediaTypeOfBytes(base64) ?? (base64.startsWith('UEsDB') ? 'application/zip' : usual);
}

/** What base64 is by its first bytes; `undefined` for what is not known. */
export function mediaTypeOfBytes(base64: string): string | undefined {
  let head: string;
  try {
    head = atob(base64.slice(0, LOOKED_AT));
  } catch {
    return undefined;
  }
  return BEGINNINGS.find(([, text, at]) => head.startsWith(text, at))?.[0];
}
