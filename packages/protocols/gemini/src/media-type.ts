import type { MediaBlock, MediaSource } from '@proxycast/spec';

/** What a file is, by its media type. */
export function mapMediaType(mediaType: string | undefined): MediaBlock['type'] {
  const [kind] = (mediaType ?? '').toLowerCase().split('/', 1);
  return kind === 'image' || kind === 'audio' || kind === 'video' ? kind : 'document';
}

const TYPES_BY_ENDING: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  heic: 'image/heic',
  heif: 'image/heif',
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/markdown',
  html: 'text/html',
  csv: 'text/csv',
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
  ogg: 'audio/ogg',
  flac: 'audio/flac',
  aac: 'audio/aac',
  mp4: 'video/mp4',
  mov: 'video/quicktime',
  webm: 'video/webm',
  mpeg: 'video/mpeg',
};

/** The media type of a file at an address, where its ending says so. */
export function mediaTypeOfUri(uri: string): string | undefined {
  const ending = /\.([A-Za-z0-9]{2,4})(?:[?#]|$)/.exec(uri.slice(-64))?.[1];
  return ending === undefined ? undefined : TYPES_BY_ENDING[ending.toLowerCase()];
}

const YOUTUBE = /^https?:\/\/(?:www\.|m\.)?(?:youtube\.com|youtu\.be)\//i;
/** The Files API, which gives an upload an address of its own that only its account may read. */
const FILES_API = /^https:\/\/[a-z0-9.-]*generativelanguage\.googleapis\.com\/(?:[a-z0-9]+\/)?files\//i;

export const isYouTube = (uri: string): boolean => YOUTUBE.test(uri);
export const isUploadedFile = (uri: string): boolean => FILES_API.test(uri) || /^files\/[\w-]+$/.test(uri);

/** Whether the service reads the address itself; any other it does not fetch. */
export const isReadByService = (uri: string): boolean =>
  uri.startsWith('gs://') || isYouTube(uri) || isUploadedFile(uri);

/** Where the bytes are: an upload belongs to an account of this service, everything else is an address. */
export function sourceOfUri(uri: string, mediaType: string | undefined, origin: string): MediaSource {
  const typed = mediaType === undefined ? {} : { mediaType };
  return isUploadedFile(uri) ? { type: 'file-id', fileId: uri, origin, ...typed } : { type: 'url', url: uri, ...typed };
}
