import { describe, expect, test } from 'vitest';
import { createFrameGate } from './frame-gate.ts';
import { createJsonArrayGate } from './json-array-gate.ts';
import { findLastSseBoundary } from './sse-boundary.ts';

const FRAMES = ['data: a\n\n', ': note\r\n\r\n', 'event: x\ndata: é漢\n\n', 'data: 1\rdata: 2\r\r', 'data: [DONE]\n\n'];
const STREAM = Buffer.from(FRAMES.join(''));

describe('createFrameGate with SSE', () => {
  test('passes a chunk of whole frames as it is', () => {
    const gate = createFrameGate(findLastSseBoundary);
    const chunk = Buffer.from('data: a\n\ndata: b\n\n');
    expect(gate.push(chunk)).toBe(chunk);
    expect(gate.rest().length).toBe(0);
  });

  test('passes the same bytes for every cut, and only whole frames at each step', () => {
    for (let cut = 0; cut <= STREAM.length; cut++) {
      const gate = createFrameGate(findLastSseBoundary);
      const first = gate.push(STREAM.subarray(0, cut)) ?? Buffer.alloc(0);
      expect(first.length === 0 || /(\n\n|\r\n\r\n|\r\r)$/.test(first.toString())).toBe(true);
      const second = gate.push(STREAM.subarray(cut)) ?? Buffer.alloc(0);
      expect(Buffer.concat([first, second, gate.rest()]).equals(STREAM)).toBe(true);
      expect(gate.rest().length).toBe(0);
    }
  });

  test('passes the same bytes when they come one at a time', () => {
    const gate = createFrameGate(findLastSseBoundary);
    const passed: Buffer[] = [];
    for (const byte of STREAM) passed.push(gate.push(Buffer.from([byte])) ?? Buffer.alloc(0));
    expect(Buffer.concat(passed).equals(STREAM)).toBe(true);
  });

  test('keeps half a frame back', () => {
    const gate = createFrameGate(findLastSseBoundary);
    expect(gate.push(Buffer.from('data: a\n\ndata: hal'))?.toString()).toBe('data: a\n\n');
    expect(gate.rest().toString()).toBe('data: hal');
  });

  test('lets a frame over the bound pass in pieces without losing a byte', () => {
    const gate = createFrameGate(findLastSseBoundary, 8);
    const passed = [
      gate.push(Buffer.from('data: 12')),
      gate.push(Buffer.from('3456789')),
      gate.push(Buffer.from('0\n\n')),
    ];
    expect(passed.map((piece) => piece?.toString())).toEqual([undefined, 'data: 123456789', '0\n\n']);
  });
});

describe('createJsonArrayGate', () => {
  const text = '[{"a":"}],\\""},\n{"b":[1,{"c":2}]}\n]';

  test('passes the same bytes for every cut, each step ending where an element ends', () => {
    const bytes = Buffer.from(text);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const gate = createJsonArrayGate();
      const first = gate.push(bytes.subarray(0, cut))?.toString() ?? '';
      expect(first === '' || /[}\]]$/.test(first)).toBe(true);
      if (first !== '' && !first.endsWith('\n]')) JSON.parse(`${first}]`);
      const second = gate.push(bytes.subarray(cut))?.toString() ?? '';
      expect(first + second + gate.rest().toString()).toBe(text);
    }
  });
});
