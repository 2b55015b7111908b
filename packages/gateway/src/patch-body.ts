import type { BodyPatch } from '@proxycast/spec';
import { ChunkedBytes, TopLevelScanner } from '@proxycast/wire';

/**
 * The body with top-level fields removed and set, every other byte as it was. A body that is no JSON object stays as it is:
 * the upstream says what is wrong with it.
 */
export function patchBody(body: ChunkedBytes, { remove = [], set = {} }: BodyPatch): ChunkedBytes {
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

function patchParsed(body: ChunkedBytes, { remove, set }: Required<BodyPatch>): ChunkedBytes {
  const value: unknown = JSON.parse(body.joined().toString('utf8'));
  const fields = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const kept = fields.filter(([key]) => !remove.includes(key) && !(key in set));
  return new ChunkedBytes([Buffer.from(JSON.stringify(Object.fromEntries([...Object.entries(set), ...kept])))]);
}
