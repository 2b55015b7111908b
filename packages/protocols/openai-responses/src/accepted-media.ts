import type { AcceptedMedia } from '@proxycast/spec';

const isWebAddress = (url: string): boolean => /^https?:/i.test(url);
const isNone = (): boolean => false;

/** https://developers.openai.com/api/docs/guides/images-vision, …/file-inputs, …/audio, seen 2026-11-25. */
export const ACCEPTED_MEDIA: AcceptedMedia = {
  image: { types: ['image/png', 'image/jpeg', 'image/webp', 'image/gif'], readsUrl: isWebAddress },
  document: { types: ['application/pdf'], readsUrl: isWebAddress },
  audio: { types: ['audio/wav', 'audio/mpeg'], readsUrl: isNone },
};
