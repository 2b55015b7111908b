import { spliceBytes, type TopLevelField } from '@proxycast/wire';

/**
 * Adds top-level parameters that the client did not send, right after the opening brace; what it sent stays, byte for
 * byte. Answers the same buffer when there is nothing to add.
 */
export function inject(
  body: Buffer,
  fields: readonly TopLevelField[],
  ...defaults: readonly (Readonly<Record<string, unknown>> | undefined)[]
): Buffer {
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
  const afterBrace = body.indexOf(0x7b) + 1;
  const text = fields.length === 0 ? added.slice(0, -1) : added;
  return spliceBytes(body, [{ start: afterBrace, end: afterBrace, bytes: Buffer.from(text) }]);
}
