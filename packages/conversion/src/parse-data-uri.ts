import { encodeBase64Bytes } from './base64-text.ts';
import { standardBase64 } from './standard-base64.ts';

export interface DataUri {
  /** In lower case, without parameters; empty where the address names none. */
  readonly mediaType: string;
  /** Standard, padded base64. */
  readonly data: string;
}

/** What a `data:` address holds, whose text may be base64 or percent-encoded (RFC 2397); `undefined` for any other. */
export function parseDataUri(address: string): DataUri | undefined {
  if (!/^data:/i.test(address.slice(0, 5))) return undefined;
  const comma = address.indexOf(',');
  if (comma < 0) return undefined;
  const [mediaType = '', ...parameters] = address.slice('data:'.length, comma).split(';');
  const held = address.slice(comma + 1);
  const isBase64 = parameters.at(-1)?.trim().toLowerCase() === 'base64';
  return {
    mediaType: mediaType.trim().toLowerCase(),
    data: isBase64 ? standardBase64(held) : encodeBase64Bytes(percentDecoded(held)),
  };
}

const PERCENT = 0x25;

/** A percent sign that begins no escape stands for itself, as browsers have it. */
function percentDecoded(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const value = bytes[at] === PERCENT ? hexByte(bytes[at + 1], bytes[at + 2]) : undefined;
    bytes[length++] = value ?? bytes[at] ?? 0;
    if (value !== undefined) at += 2;
  }
  return bytes.subarray(0, length);
}

function hexByte(high: number | undefined, low: number | undefined): number | undefined {
  if (high === undefined || low === undefined) return undefined;
  const digits = String.fromCharCode(high, low);
  return /^[0-9a-f]{2}$/i.test(digits) ? Number.parseInt(digits, 16) : undefined;
}
