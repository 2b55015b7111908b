import type { AcceptedMedia } from '@proxycast/spec';

/** https://platform.claude.com/docs/en/build-with-claude/vision and …/pdf-support, seen 2026-11-25. */
export const IMAGE_TYPES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'] as const;
const MAX_IMAGE_BYTES = 5 * 1024 * 1024;
const MAX_PDF_BYTES = 32 * 1024 * 1024;
/** Text goes as a document of its own kind. */
const DOCUMENT_TYPES = [
  'application/pdf',
  'text/plain',
  'text/markdown',
  'text/csv',
  'text/xml',
  'application/json',
  'application/xml',
] as const;

const isWebAddress = (url: string): boolean => /^https?:/i.test(url);
const isNone = (): boolean => false;

const mediaRead = (readsUrl: (url: string) => boolean): AcceptedMedia => ({
  image: { types: IMAGE_TYPES, maxBytes: MAX_IMAGE_BYTES, readsUrl },
  document: { types: DOCUMENT_TYPES, maxBytes: MAX_PDF_BYTES, readsUrl },
});

/** What the API itself takes: it reads addresses of the web. */
export const ACCEPTED_MEDIA: AcceptedMedia = mediaRead(isWebAddress);

/** What is taken where the models run at another service: bytes only. */
export const INLINE_MEDIA: AcceptedMedia = mediaRead(isNone);
