import type { MediaSource } from '@proxycast/spec';

const BASE64_MARK = ';base64';

/** The media type and base64 of a data URI, its parameters left out; `undefined` for other addresses and other encodings. */
export function parseDataUri(uri: string): { readonly mediaType: string; readonly data: string } | undefined {
  if (!/^data:/i.test(uri.slice(0, 5))) return undefined;
  const comma = uri.indexOf(',');
  const head = uri.slice(5, comma);
  if (comma < 0 || !head.toLowerCase().endsWith(BASE64_MARK)) return undefined;
  const mediaType = head.slice(0, -BASE64_MARK.length).split(';')[0]?.trim().toLowerCase() ?? '';
  return { mediaType, data: uri.slice(comma + 1) };
}

export const dataUri = ({ mediaType, data }: { readonly mediaType: string; readonly data: string }): string =>
  `data:${mediaType};base64,${data}`;

/** The source behind an address: its bytes where it holds them. */
export function sourceOfAddress(address: string, unnamedMediaType: string): MediaSource {
  const held = parseDataUri(address);
  if (held === undefined) return { type: 'url', url: address };
  return { type: 'base64', mediaType: held.mediaType || unnamedMediaType, data: held.data };
}

/** An address under which a client finds it; `undefined` where there is none. */
export function addressOf(source: MediaSource): string | undefined {
  if (source.type === 'base64') return dataUri(source);
  return source.type === 'url' ? source.url : undefined;
}
