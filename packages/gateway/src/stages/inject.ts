import { type ChunkedBytes, TopLevelScanner } from '@proxycast/wire';

/**
 * Adds top-level parameters that the client did not send, before the first of them; what it sent stays, byte for
 * byte. Answers the same bytes when there is nothing to add.
 */
export function inject(
  body: ChunkedBytes,
  ...defaults: readonly (Readonly<Record<string, unknown>> | undefined)[]
): ChunkedBytes {
  if (defaults.every((parameters) => parameters === undefined)) return body;
  const scanner = new TopLevelScanner();
  for (const chunk of body.chunks) scanner.push(chunk);
  const { fields } = scanner.end();
  const sent = new Set(fields.map(({ key }) => key));
  let added = '';
  for (const parameters of defaults) {
    if (parameters === undefined) continue;
    for (const [key, value] of Object.entries(parameters)) {
      const json = JSON.stringify(value);
      if (json === undefined || sent.has(key)) continue;
      sent.add(key);
      added += `${JSON.stringify(key)}:${json},`;
    }
  }
  if (added === '') return body;
  const firstKey = fields[0]?.keyStart;
  // An empty object has no key to stand before; its opening brace is found in its few bytes.
  const at = firstKey ?? body.joined().indexOf(0x7b) + 1;
  const text = firstKey === undefined ? added.slice(0, -1) : added;
  return body.splice([{ start: at, end: at, bytes: Buffer.from(text) }]);
}
