import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createEventStreamReader } from './event-stream-reader.ts';

/** A real frame: event contentBlockDelta. */
const SAMPLE = Buffer.from(
  '0000009d00000057b9bbf89f0d3a6d6573736167652d747970650700056576656e740b3a6576656e742d74797065070011636f6e74656e74426c6f636b44656c74610d3a636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e7b22636f6e74656e74426c6f636b496e646578223a302c2264656c7461223a7b2274657874223a226869227d2c2270223a226162227dfd490834',
  'hex',
);
const FRAME = { event: 'contentBlockDelta', data: '{"contentBlockIndex":0,"delta":{"text":"hi"},"p":"ab"}' };

function frameOf(headers: readonly (readonly [string, Buffer])[], payload: string): Buffer {
  const head = Buffer.concat(
    headers.flatMap(([name, value]) => [Buffer.from([name.length]), Buffer.from(name), value]),
  );
  const body = Buffer.from(payload);
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(16 + head.length + body.length, 0);
  prelude.writeUInt32BE(head.length, 4);
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
  const all = Buffer.concat([prelude, head, body]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(all), 0);
  return Buffer.concat([all, sum]);
}

const text = (value: string): Buffer => Buffer.concat([Buffer.from([7, 0, value.length]), Buffer.from(value)]);

describe('createEventStreamReader', () => {
  test('reads frames cut at every byte, and several at once', () => {
    const two = Buffer.concat([SAMPLE, SAMPLE]);
    for (let at = 0; at <= two.length; at++) {
      const reader = createEventStreamReader();
      const frames = [...reader.push(two.subarray(0, at)), ...reader.push(two.subarray(at)), ...reader.end()];
      expect(frames).toEqual([FRAME, FRAME]);
    }
    const single = createEventStreamReader();
    expect([...two].flatMap((byte) => [...single.push(Buffer.from([byte]))])).toEqual([FRAME, FRAME]);
  });

  test('names exceptions and errors, and steps over headers of every type', () => {
    const others: readonly (readonly [string, Buffer])[] = [
      ['a', Buffer.from([0])],
      ['b', Buffer.from([1])],
      ['c', Buffer.from([2, 9])],
      ['d', Buffer.from([3, 0, 9])],
      ['e', Buffer.from([4, 0, 0, 0, 9])],
      ['f', Buffer.from([5, ...new Array<number>(8).fill(0)])],
      ['g', Buffer.from([6, 0, 2, 1, 1])],
      ['h', Buffer.from([8, ...new Array<number>(8).fill(0)])],
      ['i', Buffer.from([9, ...new Array<number>(16).fill(0)])],
    ];
    const exception = frameOf(
      [...others, [':message-type', text('exception')], [':exception-type', text('throttlingException')]],
      '{"message":"slow down"}',
    );
    const error = frameOf(
      [
        [':message-type', text('error')],
        [':error-code', text('InternalError')],
        [':error-message', text('broke')],
      ],
      '',
    );
    const reader = createEventStreamReader();
    expect(reader.push(Buffer.concat([exception, error]))).toEqual([
      { event: 'exception:throttlingException', data: '{"message":"slow down"}' },
      { event: 'error:InternalError', data: '{"message":"broke"}' },
    ]);
  });

  test('refuses each flipped byte, impossible lengths and an end inside a frame', () => {
    for (let at = 0; at < SAMPLE.length; at++) {
      const damaged = Buffer.from(SAMPLE);
      damaged[at] = (damaged[at] ?? 0) ^ 0xff;
      expect(() => {
        const reader = createEventStreamReader();
        reader.push(damaged);
        reader.end();
      }).toThrow('event stream');
    }
    const reader = createEventStreamReader();
    reader.push(SAMPLE.subarray(0, 50));
    expect(() => reader.end()).toThrow('inside a frame');
  });
});
