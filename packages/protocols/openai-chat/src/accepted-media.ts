import type { AcceptedMedia } from '@proxycast/spec';
import type { ChatQuirks } from './chat-variant.ts';
import { DIALECT } from './dialect.ts';

/** https://developers.openai.com/api/docs/guides/images-vision, …/file-inputs, …/audio, seen 2026-11-25. */
const IMAGE_TYPES = ['image/png', 'image/jpeg', 'image/webp', 'image/gif'];
const AUDIO_TYPES = ['audio/wav', 'audio/mpeg'];
/** Said as text. */
const TEXT_TYPES = ['text/plain', 'text/markdown', 'text/csv', 'text/xml', 'application/json'];

const isWebAddress = (url: string): boolean => /^https?:/i.test(url);
const isAny = (): boolean => true;
const isNone = (): boolean => false;

/** What a service with these quirks is shown, by clients of its dialect and by others. */
export function createAcceptedMedia(quirks: ChatQuirks): (request: { readonly protocol: string }) => AcceptedMedia {
  const readsImages = quirks.images === 'data' ? isNone : isWebAddress;
  const foreign: AcceptedMedia = {
    ...(quirks.images === 'none' ? {} : { image: { types: IMAGE_TYPES, readsUrl: readsImages } }),
    document: {
      types: quirks.files ? ['application/pdf', ...TEXT_TYPES] : TEXT_TYPES,
      readsUrl: quirks.fileAddresses === 'none' ? isNone : isAny,
    },
    ...(quirks.audio ? { audio: { types: AUDIO_TYPES, readsUrl: isNone } } : {}),
  };
  // What a client of the dialect names is for its service to judge, but for what is known to be refused.
  const own: AcceptedMedia = quirks.images === 'data' ? { image: { types: IMAGE_TYPES, readsUrl: isNone } } : {};
  return ({ protocol }) => (protocol === DIALECT ? own : foreign);
}
