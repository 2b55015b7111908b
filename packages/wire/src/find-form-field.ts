/** Where the value of a text field stands in a multipart body. */
export interface FormField {
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

// A model name longer than this is no model name; a file without headers must not be searched to its end for one.
const MAX_PART_HEADER_BYTES = 4096;

/**
 * Finds a text field of a `multipart/form-data` body (RFC 7578) without parsing the other parts.
 * Answers `undefined` when the field is missing or the content type names no boundary.
 */
export function findFormField(body: Buffer, contentType: string, name: string): FormField | undefined {
  const match = /;\s*boundary=(?:"([^"]{1,200})"|([^;\s]{1,200}))/i.exec(contentType.slice(0, 1024));
  const boundary = match?.[1] ?? match?.[2];
  if (boundary === undefined) return undefined;
  const delimiter = Buffer.from(`--${boundary}`);
  let at = body.indexOf(delimiter);
  while (at >= 0) {
    const headerStart = at + delimiter.length;
    const headerEnd = body.indexOf('\r\n\r\n', headerStart);
    if (headerEnd < 0 || headerEnd - headerStart > MAX_PART_HEADER_BYTES) return undefined;
    const next = body.indexOf(delimiter, headerEnd);
    if (next < 0) return undefined;
    const header = body.toString('utf8', headerStart, headerEnd);
    if (/content-disposition:/i.test(header) && nameOf(header) === name && !/;\s*filename\*?=/i.test(header)) {
      const start = headerEnd + 4;
      const end = Math.max(start, next - 2);
      return { value: body.toString('utf8', start, end), start, end };
    }
    at = next;
  }
  return undefined;
}

function nameOf(header: string): string | undefined {
  const match = /;\s*name=(?:"([^"]*)"|([^;\s]+))/i.exec(header);
  return match?.[1] ?? match?.[2];
}
