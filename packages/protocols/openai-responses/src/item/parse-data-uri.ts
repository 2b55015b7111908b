export interface DataUri {
  readonly mediaType: string;
  /** Base64 with its padding, in the standard alphabet. */
  readonly data: string;
}

/** The base64 behind a `data:` URI, whose media type may have parameters; `undefined` for any other text. */
export function parseDataUri(text: string): DataUri | undefined {
  if (!text.startsWith('data:')) return undefined;
  const comma = text.indexOf(',');
  if (comma < 0) return undefined;
  const [mediaType = '', ...parameters] = text.slice('data:'.length, comma).split(';');
  if (parameters[parameters.length - 1]?.trim().toLowerCase() !== 'base64') return undefined;
  return { mediaType: mediaType.trim().toLowerCase() || 'text/plain', data: standardBase64(text.slice(comma + 1)) };
}

const OTHER_FORMS = /[-_%\s]/;

/** Clients send the URL-safe alphabet, percent-encoding, line breaks, and leave the padding out. */
export function standardBase64(text: string): string {
  let data = text;
  if (OTHER_FORMS.test(data)) {
    data = data
      .replaceAll('%2B', '+')
      .replaceAll('%2F', '/')
      .replaceAll('%3D', '=')
      .replaceAll('-', '+')
      .replaceAll('_', '/')
      .replace(/\s+/g, '');
  }
  const missing = (4 - (data.length % 4)) % 4;
  return missing === 0 || missing === 3 ? data : data + '='.repeat(missing);
}
