import type { ChunkedBytes } from './chunked-bytes.ts';
import { type TopLevelField, TopLevelScanner } from './top-level-scanner.ts';

/** How far into the value that makes a body large the scan goes before it gives up on reaching its end. */
const PEEK_BYTES = 32 * 1024;
/** Short fields after that value stand in the last bytes. */
const TAIL_BYTES = 1024;

/**
 * Finds fields of a large JSON body's outermost object at its beginning and its end, without looking at what is between:
 * in practice one long list of messages. A field in neither place is not found, and a key that is written twice is not
 * noticed: only for what nothing hangs on. `undefined`: the first of `keys` is not at the beginning.
 */
export function peekTopLevel(
  body: ChunkedBytes,
  keys: readonly [string, ...string[]],
): readonly TopLevelField[] | undefined {
  const scanner = new TopLevelScanner();
  let at = 0;
  for (const chunk of body.chunks) {
    const piece = chunk.length > PEEK_BYTES ? chunk.subarray(0, PEEK_BYTES) : chunk;
    scanner.push(piece);
    at += piece.length;
    if (at >= PEEK_BYTES) break;
  }
  const found = scanner.end().fields.filter(({ key }) => keys.includes(key));
  if (!found.some(({ key }) => key === keys[0])) return undefined;
  for (const key of keys) {
    if (found.some((field) => field.key === key)) continue;
    const field = findInTail(body, key);
    if (field !== undefined) found.push(field);
  }
  return found;
}

/**
 * A field whose value is a literal and after which only literals and plain strings come. The last brace of valid JSON
 * closes the outermost object, so what stands directly before it, back to the field, is of that object.
 */
function findInTail(body: ChunkedBytes, key: string): TopLevelField | undefined {
  const tailStart = Math.max(0, body.length - TAIL_BYTES);
  const tail = body.slice(tailStart, body.length).toString('latin1');
  const quoted = `"${key}"`;
  const keyAt = tail.lastIndexOf(quoted);
  // The quote before the key must open it: after a comma or brace it cannot be one that is escaped or that closes.
  if (keyAt < 1 || !/[,{]\s*$/.test(tail.slice(Math.max(0, keyAt - 32), keyAt))) return undefined;
  const rest = tail.slice(keyAt + quoted.length);
  const match =
    /^(\s*:\s*)(true|false|null|-?\d[\d.eE+-]*)\s*(?:,\s*"[^"\\]*"\s*:\s*(?:"[^"\\]*"|[\w.+-]+)\s*){0,30}\}\s*$/.exec(
      rest,
    );
  const [, before, value] = match ?? [];
  if (before === undefined || value === undefined) return undefined;
  const valueStart = tailStart + keyAt + quoted.length + before.length;
  return { key, keyStart: tailStart + keyAt, valueStart, valueEnd: valueStart + value.length };
}
