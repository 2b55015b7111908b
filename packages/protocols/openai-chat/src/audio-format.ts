import { plainMediaType } from '@proxycast/conversion';

const FORMATS: ReadonlyMap<string, string> = new Map([
  ['audio/wav', 'wav'],
  ['audio/mpeg', 'mp3'],
]);

/** The dialect's word for a sound it takes; `undefined` for every other. */
export const audioFormatOf = (mediaType: string): string | undefined => FORMATS.get(plainMediaType(mediaType));

export const mediaTypeOfFormat = (format: string): string => (format === 'mp3' ? 'audio/mpeg' : `audio/${format}`);

const HELD_PREFIX = 'pcaudio-';

/** An id for a sound that no service keeps: it says the form of the bytes, which the message has no field for. */
export const heldAudioId = (mediaType: string): string =>
  HELD_PREFIX + encodeURIComponent(mediaType.replace(/^audio\//, ''));

/** The media type in such an id; `undefined` for the id of a service. */
export function mediaTypeOfHeldId(id: string): string | undefined {
  if (!id.startsWith(HELD_PREFIX)) return undefined;
  try {
    return `audio/${decodeURIComponent(id.slice(HELD_PREFIX.length))}`;
  } catch {
    return undefined;
  }
}
