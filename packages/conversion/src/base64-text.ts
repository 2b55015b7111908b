const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** `btoa` and `atob` know bytes as characters; this many at a time stay below the bound on a call's arguments. */
const BYTES_AT_A_TIME = 8 * 1024;

/** Base64 (standard alphabet, padded) of a text's UTF-8. A lone surrogate becomes U+FFFD, as UTF-8 has none. */
export function encodeBase64Text(text: string): string {
  const bytes = encoder.encode(text);
  // As many bytes as characters: all ASCII, as signatures are.
  return bytes.length === text.length ? btoa(text) : encodeBase64Bytes(bytes);
}

/** Base64 (standard alphabet, padded) of bytes. */
export function encodeBase64Bytes(bytes: Uint8Array): string {
  let binary = '';
  for (let start = 0; start < bytes.length; start += BYTES_AT_A_TIME) {
    binary += String.fromCharCode(...bytes.subarray(start, start + BYTES_AT_A_TIME));
  }
  return btoa(binary);
}

/** The other way; `undefined` for what `encodeBase64Text` cannot have made. */
export function decodeBase64Text(base64: string): string | undefined {
  let text: string;
  try {
    text = decodeUtf8(atob(base64));
  } catch {
    return undefined;
  }
  // `atob` forgives white space, missing padding and loose bits; what was not made here is not ours to undo.
  return encodeBase64Text(text) === base64 ? text : undefined;
}

/** Throws for what is no UTF-8. */
function decodeUtf8(binary: string): string {
  if (encoder.encode(binary).length === binary.length) return binary;
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return decoder.decode(bytes);
}
