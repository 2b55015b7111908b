import { parseDataUri, unnamedMediaType } from '@proxycast/conversion';
import type { MediaSource } from '@proxycast/spec';

export const dataUri = ({ mediaType, data }: { readonly mediaType: string; readonly data: string }): string =>
  `data:${mediaType};base64,${data}`;

/** The source behind an address: its bytes where it holds them. */
export function sourceOfAddress(address: string, usualMediaType: string): MediaSource {
  const held = parseDataUri(address);
  if (held === undefined) return { type: 'url', url: address };
  const mediaType = held.mediaType || unnamedMediaType(held.data, usualMediaType);
  return { type: 'base64', mediaType, data: held.data };
}

/** An address under which a client finds it; `undefined` where there is none. */
export function addressOf(source: MediaSource): string | undefined {
  if (source.type === 'base64') return dataUri(source);
  return source.type === 'url' ? source.url : undefined;
}
