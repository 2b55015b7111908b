/** Standard, padded base64 of what the API takes too: the URL's alphabet, missing padding, white space between. */
export function standardBase64(data: string): string {
  let text = data;
  if (text.includes('-') || text.includes('_')) text = text.replaceAll('-', '+').replaceAll('_', '/');
  if (text.includes('\n') || text.includes('\r') || text.includes(' ')) text = text.replace(/[\r\n ]/g, '');
  const missing = text.length % 4;
  return missing === 0 ? text : text + '='.repeat(4 - missing);
}
