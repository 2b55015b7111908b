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

  test('knows that a field is absent when its name is nowhere', () => {
    expect(peek(`{"model":"m","messages":${MESSAGES}}`)).toEqual({ model: '"m"' });
  });

  test.each([
    ['the model comes after the large value', `{"messages":${MESSAGES},"model":"m"}`],
    ['the name stands in the middle', `{"model":"m","messages":${MESSAGES},"stream":true,"tools":${MESSAGES}}`],
    ['the name is of an inner object', `{"model":"m","messages":${MESSAGES},"options":{"stream":true}}`],
    ['the value is no literal', `{"model":"m","messages":${MESSAGES},"stream":"yes"}`],
    [
      'a text says the same',
      `{"model":"m","messages":[${JSON.stringify({ c: '"stream":true}' })},${MESSAGES.slice(1)},"x":["stream"]}`,
    ],
    ['it breaks off at the end', `{"model":"m","messages":${MESSAGES},"stream":true`],
  ])('leaves it to the scan when %s', (_name, text) => {
    expect(peek(text)).toBeUndefined();
  });

  test('is not fooled by a text that ends like the field', () => {
    const text = `{"model":"m","messages":${MESSAGES},"note":${JSON.stringify('x,"stream":true}')}}`;
    expect(peek(text)).toEqual({ model: '"m"' });
    JSON.parse(text);
  });

  test('finds the name across every seam of two chunks', () => {
    const text = `{"model":"m","messages":${MESSAGES.slice(0, -1)},{"stream":1}]}`;
    const at = text.indexOf('"stream"');
    for (let cut = at - 1; cut <= at + 9; cut++) {
      const bytes = Buffer.from(text);
      expect(
        peekTopLevel(new ChunkedBytes([bytes.subarray(0, cut), bytes.subarray(cut)]), ['model', 'stream']),
      ).toBeUndefined();
    }
  });
});
