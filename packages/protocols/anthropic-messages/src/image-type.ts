/** How the base64 of each kind of image that the API takes begins. */
const BEGINNINGS: readonly (readonly [string, string])[] = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
];
const TAKEN = new Set(BEGINNINGS.map(([, type]) => type));
/** Names that clients use for what has another. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['image/jpg', 'image/jpeg'],
  ['image/pjpeg', 'image/jpeg'],
]);

/**
 * The media type of an image as its bytes say, since the API compares the two; else as it is named. `undefined`: the API
 * takes no such images.
 */
export function imageType(mediaType: string, base64: string): string | undefined {
  const found = BEGINNINGS.find(([beginning]) => base64.startsWith(beginning))?.[1];
  if (found !== undefined) return found;
  const named = mediaType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const type = ALIASES.get(named) ?? named;
  return TAKEN.has(type) ? type : undefined;
}
