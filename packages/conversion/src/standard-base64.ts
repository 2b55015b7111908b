/** Standard, padded base64 of what clients send too: the URL's alphabet, percent-encoding, white space, no padding. */
export function standardBase64(text: string): string {
  // Each look is the processor's own search; one pass with an expression costs milliseconds in a large picture.
  let data = text;
  if (data.includes('%')) data = data.replaceAll(/%2b/gi, '+').replaceAll(/%2f/gi, '/').replaceAll(/%3d/gi, '=');
  if (data.includes('-')) data = data.replaceAll('-', '+');
  if (data.includes('_')) data = data.replaceAll('_', '/');
  if (data.includes('\n') || data.includes('\r') || data.includes(' ') || data.includes('\t')) {
    data = data.replaceAll(/[\n\r \t]/g, '');
  }
  const missing = (4 - (data.length % 4)) % 4;
  return missing === 0 || missing === 3 ? data : data + '='.repeat(missing);
}
