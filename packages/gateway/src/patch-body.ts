import type { BodyPatch } from '@proxycast/spec';
import { ChunkedBytes, TopLevelScanner } from '@proxycast/wire';
import { bytesInclude } from './bytes-include.ts';

const OPEN_BRACE = 0x7b;

/**
 * The body with top-level fields removed and set, every other byte as it was. A body that is no JSON object stays as it is:
 * the upstream says what is wrong with it. Where nothing is set and no such word is in the body, it is not scanned.
 */
export function patchBody(body: ChunkedBytes, patch: BodyPatch): ChunkedBytes {
  const { unwrap, fill, ...fields } = patch;
  if (unwrap !== undefined) {
    const { unwrap: _, ...rest } = patch;
    return patchBody(unwrapBody(body, unwrap), rest);
  }
  return patchFields(fill === undefined ? body : fillList(body, fill), fields);
}

function patchFields(body: ChunkedBytes, { remove = [], set = {} }: BodyPatch): ChunkedBytes {
  const isUntouched = Object.keys(set).length === 0 && !remove.some((key) => mentions(body, key));
  if (isUntouched) return body;
  const scanner = new TopLevelScanner();
  for (const chunk of body.chunks) scanner.push(chunk);
  const scan = scanner.end();
  if (scan.type === 'ambiguous') return patchParsed(body, { remove, set });
  if (scan.type !== 'object') return body;
  const gone = new Set([...remove, ...Object.keys(set)]);
  const kept = scan.fields.filter(({ key }) => !gone.has(key));
  const added = Object.entries(set)
    .flatMap(([key, value]) => (value === undefined ? [] : [`${JSON.stringify(key)}:${JSON.stringify(value)}`]))
    .join(',');
  const pieces: Buffer[] = [Buffer.from(`{${added}`)];
  for (const [index, field] of kept.entries()) {
    pieces.push(Buffer.from(index === 0 && added === '' ? '' : ','), body.slice(field.keyStart, field.valueEnd));
  }
  pieces.push(Buffer.from('}'));
  return new ChunkedBytes(pieces.filter(({ length }) => length > 0));
}

/** Who names the field once names it everywhere, so that the body is only read where the name is not in it. */
function fillList(body: ChunkedBytes, { list, field, value }: NonNullable<BodyPatch['fill']>): ChunkedBytes {
  if (bytesInclude(body, Buffer.from(`"${field}"`))) return body;
  const scanner = new TopLevelScanner();
  for (const chunk of body.chunks) scanner.push(chunk);
  const scan = scanner.end();
  const found = scan.type === 'object' ? scan.fields.find(({ key }) => key === list) : undefined;
  const elements = found === undefined ? undefined : parseList(body.slice(found.valueStart, found.valueEnd));
  if (elements === undefined) return body;
  const isObject = (element: unknown): element is object => typeof element === 'object' && element !== null;
  const filled = elements.map((element) => (isObject(element) ? { [field]: value, ...element } : element));
  return patchFields(body, { set: { [list]: filled } });
}

/** `undefined` where it is none: the upstream says so. */
function parseList(bytes: Buffer): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function unwrapBody(body: ChunkedBytes, name: string): ChunkedBytes {
  const scanner = new TopLevelScanner();
  for (const chunk of body.chunks) scanner.push(chunk);
  const scan = scanner.end();
  // Of a key that stands twice the last counts, as for a parser.
  const field = scan.type === 'broken' ? undefined : scan.fields.findLast(({ key }) => key === name);
  if (field === undefined) return body;
  const value = body.slice(field.valueStart, field.valueEnd);
  return value[0] === OPEN_BRACE ? new ChunkedBytes([value]) : body;
}

function patchParsed(body: ChunkedBytes, { remove, set }: Required<Pick<BodyPatch, 'remove' | 'set'>>): ChunkedBytes {
  const value: unknown = JSON.parse(body.joined().toString('utf8'));
  const fields = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const kept = fields.filter(([key]) => !remove.includes(key) && !(key in set));
  return new ChunkedBytes([Buffer.from(JSON.stringify(Object.fromEntries([...Object.entries(set), ...kept])))]);
}

/** Up to six bytes Node looks for with the processor's own search, and an underscore is rare in what people write. */
function mentions(body: ChunkedBytes, key: string): boolean {
  const rare = Math.max(0, key.indexOf('_'));
  return bytesInclude(body, Buffer.from(key.slice(rare, rare + 6))) && bytesInclude(body, Buffer.from(`"${key}"`));
}
