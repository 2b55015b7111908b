/** One part of a `multipart/form-data` body. */
export interface MultipartPart {
  readonly name: string;
  readonly fileName?: string;
  readonly contentType?: string;
  readonly bytes: Buffer;
}

export type ParsedMultipart =
  | { readonly type: 'parts'; readonly parts: readonly MultipartPart[] }
  | { readonly type: 'broken'; readonly message: string };

const CRLF = Buffer.from('\r\n');
const BLANK_LINE = Buffer.from('\r\n\r\n');

/** Reads a form strictly by RFC 7578 and 2046: every border, line end and closing mark must be right. */
export function parseMultipart(body: Buffer, contentType: string): ParsedMultipart {
  const boundary = /;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  const name = boundary?.[1] ?? boundary?.[2];
  if (name === undefined) return { type: 'broken', message: 'The content type names no boundary.' };
  const border = Buffer.from(`--${name}`);
  if (!body.subarray(0, border.length).equals(border)) {
    return { type: 'broken', message: 'The body does not begin with its boundary.' };
  }
  const parts: MultipartPart[] = [];
  let position = border.length;
  for (;;) {
    const after = body.subarray(position, position + 2);
    if (after.toString('latin1') === '--') {
      const rest = body.subarray(position + 2).toString('latin1');
      if (rest !== '' && rest !== '\r\n') return { type: 'broken', message: 'Bytes follow the closing boundary.' };
      return parts.length === 0 ? { type: 'broken', message: 'The form has no parts.' } : { type: 'parts', parts };
    }
    if (!after.equals(CRLF)) return { type: 'broken', message: 'A boundary is not followed by a line end.' };
    const next = body.indexOf(Buffer.concat([CRLF, border]), position);
    if (next < 0) return { type: 'broken', message: 'The form is not closed by its boundary.' };
    const part = parsePart(body.subarray(position + 2, next));
    if (part === undefined) return { type: 'broken', message: 'A part has no readable content-disposition.' };
    parts.push(part);
    position = next + CRLF.length + border.length;
  }
}

function parsePart(bytes: Buffer): MultipartPart | undefined {
  const blank = bytes.indexOf(BLANK_LINE);
  if (blank < 0) return undefined;
  const headers = new Map<string, string>();
  for (const line of bytes.subarray(0, blank).toString('utf8').split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon < 0) return undefined;
    headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  const disposition = headers.get('content-disposition');
  const name = disposition === undefined ? undefined : /^form-data;.*\bname="([^"]*)"/.exec(disposition)?.[1];
  if (disposition === undefined || name === undefined) return undefined;
  const fileName = /\bfilename="([^"]*)"/.exec(disposition)?.[1];
  const contentType = headers.get('content-type');
  return {
    name,
    ...(fileName === undefined ? {} : { fileName }),
    ...(contentType === undefined ? {} : { contentType }),
    bytes: bytes.subarray(blank + BLANK_LINE.length),
  };
}
