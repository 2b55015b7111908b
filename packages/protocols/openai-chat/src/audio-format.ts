const FORMATS: ReadonlyMap<string, string> = new Map([
  ['audio/wav', 'wav'],
  ['audio/x-wav', 'wav'],
  ['audio/wave', 'wav'],
  ['audio/vnd.wave', 'wav'],
  ['audio/mpeg', 'mp3'],
  ['audio/mp3', 'mp3'],
]);

/** The dialect's word for a sound it takes; `undefined` for every other. */
export const audioFormatOf = (mediaType: string): string | undefined =>
  FORMATS.get(mediaType.split(';')[0]?.trim().toLowerCase() ?? '');

export const mediaTypeOfFormat = (format: string): string => (format === 'mp3' ? 'audio/mpeg' : `audio/${format}`);
