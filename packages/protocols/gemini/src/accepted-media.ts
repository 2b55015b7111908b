import type { AcceptedMedia } from '@proxycast/spec';
import { GEMINI } from './base-id.ts';
import { isReadByService } from './media-type.ts';

/** https://ai.google.dev/gemini-api/docs/image-understanding, …/document-processing, …/audio, …/video-understanding, seen 2026-11-25. */
const IMAGE_TYPES = ['image/png', 'image/jpeg', 'image/webp', 'image/heic', 'image/heif'];
const DOCUMENT_TYPES = ['application/pdf', 'text/plain', 'text/markdown', 'text/csv', 'text/xml', 'application/json'];
const AUDIO_TYPES = ['audio/wav', 'audio/mpeg', 'audio/aiff', 'audio/aac', 'audio/ogg', 'audio/flac', 'audio/mp4'];
const VIDEO_TYPES = ['video/mp4', 'video/quicktime', 'video/webm'];

const TEXTUAL = /^(text\/|application\/(json|xml|rtf|(x-)?javascript|x-python|yaml|x-yaml)$)/;

/** Whether bytes of this type are read; of sounds and films more kinds are than are named here. */
export const isTakenInline = (mediaType: string): boolean =>
  IMAGE_TYPES.includes(mediaType) ||
  DOCUMENT_TYPES.includes(mediaType) ||
  TEXTUAL.test(mediaType) ||
  /^(audio|video)\//.test(mediaType);

function mediaRead(readsUrl: (url: string) => boolean): AcceptedMedia {
  return {
    image: { types: IMAGE_TYPES, readsUrl },
    document: { types: DOCUMENT_TYPES, readsUrl },
    audio: { types: AUDIO_TYPES, readsUrl },
    video: { types: VIDEO_TYPES, readsUrl },
  };
}

const FOREIGN = mediaRead(isReadByService);
/** What a client of the dialect names is for its service to judge. */
const OWN = mediaRead(() => true);

export const acceptedMedia = ({ protocol }: { readonly protocol: string }): AcceptedMedia =>
  protocol === GEMINI ? OWN : FOREIGN;
