import { expect, test } from 'vitest';
import { parseDataUri } from './parse-data-uri.ts';

test.each([
  ['data:image/png;base64,aGk=', { mediaType: 'image/png', data: 'aGk=' }],
  ['data:Image/PNG;charset=utf-8;base64,aGk', { mediaType: 'image/png', data: 'aGk=' }],
  ['data:image/png;base64,a-_k', { mediaType: 'image/png', data: 'a+/k' }],
  ['data:image/png;base64,aG\nk=', { mediaType: 'image/png', data: 'aGk=' }],
  ['data:image/png;base64,aGk%3D', { mediaType: 'image/png', data: 'aGk=' }],
  ['data:;base64,aGk=', { mediaType: 'text/plain', data: 'aGk=' }],
  ['data:text/plain,hi', undefined],
  ['data:image/png;base64', undefined],
  ['https://a.example/x.png', undefined],
])('%j', (uri, parsed) => {
  expect(parseDataUri(uri)).toEqual(parsed);
});
