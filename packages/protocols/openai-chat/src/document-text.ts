import type { MediaSource } from '@proxycast/spec';

/** Documents of text are said: the dialect's file parts are for what has to be read by other means. */
export function textOfDocument(source: MediaSource): string | undefined {
  if (source.type === 'text') return source.text;
  if (source.type !== 'base64' || !/^(text\/|application\/json$)/.test(source.mediaType)) return undefined;
  try {
    const bytes = Uint8Array.from(atob(source.data), (character) => character.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
