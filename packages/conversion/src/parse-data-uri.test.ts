import { expect, test } from 'vitest';
import { parseDataUri } from './parse-data-uri.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

test.each([
  ['data:image/png;base64,aGk=', { mediaType: 'image/png', data: 'aGk=' }],
  ['DATA:Image/PNG;charset=utf-8;BASE64,aGk', { mediaType: 'image/png', data: 'aGk=' }],
  ['data: image/png ; base64 ,aGk=', { mediaType: 'image/png', data: 'aGk=' }],
  ['data:image/png;base64,a-_k', { mediaType: 'image/png', data: 'a+/k' }],
  ['data:image/png;base64,aG\r\n k=', { mediaType: 'image/png', data: 'aGk=' }],
  ['data:image/png;base64,aGk%3D', { mediaType: 'image/png', data: 'aGk=' }],
  ['data:image/png;base64,a%2b%2Fk', { mediaType: 'image/png', data: 'a+/k' }],
  ['data:;base64,aGk=', { mediaType: '', data: 'aGk=' }],
  ['data:,hi', { mediaType: '', data: base64('hi') }],
  ['data:text/plain,a%20b%zz%C3%BC,c', { mediaType: 'text/plain', data: base64('a b%zzü,c') }],
  ['data:text/plain;charset=utf-8,漢', { mediaType: 'text/plain', data: base64('漢') }],
  ['data:image/svg+xml;utf8,<svg/>', { mediaType: 'image/svg+xml', data: base64('<svg/>') }],
  ['data:image/png;base64', undefined],
  ['https://a.example/x.png', undefined],
  ['', undefined],
])('%j', (uri, parsed) => {
  expect(parseDataUri(uri)).toEqual(parsed);
});
