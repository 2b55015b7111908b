import { expect, test } from 'vitest';
import { renderChatStream } from './render-chat-stream.ts';
import { createTimeMarkReader, stampTime } from './time-mark.ts';

const frames = renderChatStream({ chunks: 5, model: 'a-model', isTimed: true });
const stamped = frames.map((frame, at) => stampTime(frame, 7_000_000 + at));

test('a stamped stream is as long as before, and so long as it was every chunk of text has its own time', () => {
  expect(stamped.map(({ length }) => length)).toEqual(frames.map(({ length }) => length));
  expect(createTimeMarkReader().push(Buffer.concat(stamped))).toEqual([7_000_001, 7_000_002, 7_000_003]);
});

test('the stream that is stamped stays as it was, since it is sent again', () => {
  expect(Buffer.concat([...frames]).toString()).not.toContain('7000001');
});

test('marks are found however the body is cut', () => {
  const body = Buffer.concat(stamped);
  for (let cut = 1; cut < body.length; cut += 1) {
    const reader = createTimeMarkReader();
    const times = [...reader.push(body.subarray(0, cut)), ...reader.push(body.subarray(cut))];
    expect(times).toEqual([7_000_001, 7_000_002, 7_000_003]);
  }
});

test('a mark that somebody changed is refused', () => {
  expect(() => createTimeMarkReader().push(Buffer.from('@12345 and more text'))).toThrow('broken time mark');
});
