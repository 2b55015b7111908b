import { expect, test } from 'vitest';
import { packContent, unpackContent } from './kept-content.ts';

test.each([
  { response: '', input: '', output: '' },
  { response: '{"a":"Grüße 漢 🎉\\n"}', input: '{"b":1},{"c":"\u2028"}', output: '' },
  { response: '{}', input: 'x'.repeat(3_000_000), output: '[]' },
])('content comes back as it was', (content) => {
  expect(unpackContent(packContent(content))).toStrictEqual(content);
});

test('bytes that were cut or added to are no content', () => {
  const packed = packContent({ response: '{}', input: 'in', output: 'out' });
  for (let length = 0; length < packed.length; length++)
    expect(unpackContent(packed.subarray(0, length))).toBeUndefined();
  expect(unpackContent(Buffer.concat([packed, Buffer.from('x')]))).toBeUndefined();
});
