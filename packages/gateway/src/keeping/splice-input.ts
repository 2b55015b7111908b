import { type ChunkedBytes, TopLevelScanner } from '@proxycast/wire';
import { patchBody } from '../patch-body.ts';

/** The JSON text of a top-level field; empty where there is none. */
export function readFieldText(body: ChunkedBytes, name: string): string {
  const scanner = new TopLevelScanner();
  for (const chunk of body.chunks) scanner.push(chunk);
  const field = scanner.end().fields.findLast(({ key }) => key === name);
  return field === undefined ? '' : body.slice(field.valueStart, field.valueEnd).toString('utf8');
}

/** White space before a body's opening brace, at most. */
const LEADING_BYTES = 4096;

/**
 * The body with another list in its input's place and without some fields; nothing of it is parsed. `items`: JSON texts of
 * items joined by commas; empty ones are none.
 */
export function spliceInput(
  body: ChunkedBytes,
  {
    field,
    items,
    remove,
  }: { readonly field: string; readonly items: readonly string[]; readonly remove: readonly string[] },
): ChunkedBytes {
  const rest = patchBody(body, { remove: [field, ...remove] });
  const list = items.filter((text) => text !== '').join(',');
  const isEmpty = rest.length <= 2;
  const inside = rest.slice(0, Math.min(rest.length, LEADING_BYTES)).indexOf(0x7b) + 1;
  return rest.splice([{ start: inside, end: inside, bytes: Buffer.from(`"${field}":[${list}]${isEmpty ? '' : ','}`) }]);
}
