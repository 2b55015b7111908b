import { expect, test } from 'vitest';
import { createResponseReader } from './response-reader.ts';

const ANSWERS = {
  fixed: 'HTTP/1.1 200 OK\r\nContent-Length: 11\r\nX: y\r\n\r\nhello world',
  chunked:
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nh\r\nA;ext=1\r\nello world\r\n0\r\nTrailer: x\r\n\r\n',
  'chunks that look like framing':
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nB\r\n\r\n0\r\n\r\nabcd\r\n0\r\n\r\n',
};

test.each(Object.entries(ANSWERS))('%s: every way of cutting it in two counts the same body', (name, text) => {
  const bytes = Buffer.from(text);
  for (let cut = 1; cut < bytes.length; cut += 1) {
    const reader = createResponseReader();
    expect([reader.push(bytes.subarray(0, cut)), reader.push(bytes.subarray(cut))]).toEqual([false, true]);
    expect([reader.status(), reader.bodyBytes(), reader.mustClose()]).toEqual([200, 11, false]);
    expect(reader.tail()).toBe(name.startsWith('chunks') ? '\r\n0\r\n\r\nabcd' : 'hello world');
  }
});

test.each(Object.entries(ANSWERS))('%s: it comes out the same byte by byte', (_, text) => {
  const reader = createResponseReader();
  const whole = [...Buffer.from(text)].map((byte) => reader.push(Buffer.from([byte])));
  expect(whole.indexOf(true)).toBe(text.length - 1);
  expect(reader.bodyBytes()).toBe(11);
});

test('one reader reads the answers of a connection one after the other', () => {
  const reader = createResponseReader();
  for (const text of [...Object.values(ANSWERS), ...Object.values(ANSWERS)]) {
    reader.reset();
    expect(reader.push(Buffer.from(text))).toBe(true);
    expect(reader.bodyBytes()).toBe(11);
  }
});

test.each(Object.entries(ANSWERS))('%s: the body is told without its framing', (name, text) => {
  const pieces: Buffer[] = [];
  const reader = createResponseReader((piece) => pieces.push(piece));
  for (const byte of Buffer.from(text)) reader.push(Buffer.from([byte]));
  expect(Buffer.concat(pieces).toString()).toBe(name.startsWith('chunks') ? '\r\n0\r\n\r\nabcd' : 'hello world');
});

test('an answer without length lasts until the connection ends', () => {
  const reader = createResponseReader();
  expect(reader.push(Buffer.from('HTTP/1.1 200 OK\r\n\r\nhello'))).toBe(false);
  expect([reader.end(), reader.bodyBytes(), reader.mustClose()]).toEqual([true, 5, true]);
});

test('an answer that is cut is not whole', () => {
  const reader = createResponseReader();
  reader.push(Buffer.from(ANSWERS.chunked.slice(0, -1)));
  expect(reader.end()).toBe(false);
});

test('the connection: close of an answer is told', () => {
  const reader = createResponseReader();
  reader.push(Buffer.from('HTTP/1.1 500 X\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'));
  expect([reader.status(), reader.mustClose()]).toEqual([500, true]);
});

test.each([
  ['not HTTP', 'SSH-2.0-x\r\n\r\n'],
  ['longer than it said', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nxx'],
  ['a broken chunk size', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'],
])('%s is refused', (why, text) => {
  expect(() => createResponseReader().push(Buffer.from(text))).toThrow(why);
});
