import { describe, expect, test } from 'vitest';
import { ChunkedBytes } from './chunked-bytes.ts';
import { peekTopLevel } from './peek-top-level.ts';

const MESSAGES = `[${Array.from({ length: 900 }, (_, at) => `{"role":"user","content":"${'text '.repeat(20)}${at}"}`).join(',')}]`;

function peek(text: string, chunkBytes = 65_536): Record<string, string> | undefined {
  const bytes = Buffer.from(text);
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) chunks.push(bytes.subarray(at, at + chunkBytes));
  const found = peekTopLevel(new ChunkedBytes(chunks), ['model', 'stream']);
  return (
    found &&
    Object.fromEntries(found.map((field) => [field.key, bytes.toString('utf8', field.valueStart, field.valueEnd)]))
  );
}

describe('peekTopLevel', () => {
  test.each([65_536, 1000, 7])('finds fields before and after the large value, in chunks of %s bytes', (chunkBytes) => {
    expect(peek(`{"model":"m","messages":${MESSAGES},"stream":true}`, chunkBytes)).toEqual({
      model: '"m"',
      stream: 'true',
    });
    expect(peek(`{"model":"m","stream":false,"messages":${MESSAGES}}`, chunkBytes)).toEqual({
      model: '"m"',
      stream: 'false',
    });
  });

  test('reads past short fields after it, and blanks', () => {
    const text = `{ "model" : "m",\n"messages": ${MESSAGES},\n "stream" : true , "max_tokens": 5, "user": "é x"\n}\n`;
    expect(peek(text)).toEqual({ model: '"m"', stream: 'true' });
  });

  test('answers nothing when the first key is not at the beginning', () => {
    expect(peek(`{"messages":${MESSAGES},"model":"m"}`)).toBeUndefined();
  });

  test.each([
    ['is absent', `{"model":"m","messages":${MESSAGES}}`],
    ['stands between two large values', `{"model":"m","messages":${MESSAGES},"stream":true,"tools":${MESSAGES}}`],
    ['is of an inner object', `{"model":"m","messages":${MESSAGES},"options":{"stream":true}}`],
    ['has no literal for a value', `{"model":"m","messages":${MESSAGES},"stream":"yes"}`],
    ['is in a body that breaks off', `{"model":"m","messages":${MESSAGES},"stream":true`],
  ])('does not find a field that %s', (_name, text) => {
    expect(peek(text)).toEqual({ model: '"m"' });
  });

  test('is not fooled by a text that ends like the field', () => {
    const text = `{"model":"m","messages":${MESSAGES},"note":${JSON.stringify('x,"stream":true}')}}`;
    expect(peek(text)).toEqual({ model: '"m"' });
    JSON.parse(text);
  });
});
