import { describe, expect, test } from 'vitest';
import { scanTopLevel, TopLevelScanner } from './top-level-scanner.ts';

const scan = (text: string) => scanTopLevel(Buffer.from(text));

function valuesOf(text: string): Record<string, string> {
  const body = Buffer.from(text);
  const result = scanTopLevel(body);
  if (result.type !== 'object') throw new Error(result.type);
  return Object.fromEntries(
    result.fields.map((field) => [field.key, body.toString('utf8', field.valueStart, field.valueEnd)]),
  );
}

describe('scanTopLevel', () => {
  test('finds every top-level value with its exact bytes', () => {
    expect(
      valuesOf(' {"model" : "a\\"b" ,\n"n":-1.5e3,"messages":[{"model":"inner","x":"}]"}],"stream":true,"z":null} \n'),
    ).toEqual({
      model: '"a\\"b"',
      n: '-1.5e3',
      messages: '[{"model":"inner","x":"}]"}]',
      stream: 'true',
      z: 'null',
    });
  });

  test('reads an empty object', () => {
    expect(scan('{}')).toEqual({ type: 'object', fields: [] });
  });

  test.each([
    ['a duplicate key', '{"model":"a","model":"b"}'],
    ['a key written with escapes', '{"mod\\u0065l":"a"}'],
  ])('calls %s ambiguous', (_name, text) => {
    expect(scan(text).type).toBe('ambiguous');
  });

  test.each([
    ['nothing', ''],
    ['an array', '[1]'],
    ['a bare string', '"x"'],
    ['an object that never closes', '{"model":"a"'],
    ['a string that never closes', '{"model":"a}'],
    ['a container that never closes', '{"messages":[{"a":1}'],
    ['a missing value', '{"model":}'],
    ['a missing colon', '{"model" "a"}'],
    ['a trailing comma', '{"model":"a",}'],
    ['something after the end', '{"model":"a"}x'],
    ['a key without quotes', '{model:"a"}'],
  ])('calls %s broken', (_name, text) => {
    expect(scan(text).type).toBe('broken');
  });

  test('keeps the fields that came before the break', () => {
    expect(scan('{"model":"a","messages":[').fields.map(({ key }) => key)).toEqual(['model']);
  });

  test('agrees with JSON.parse on long strings full of quotes and backslashes', () => {
    for (let length = 0; length < 80; length++) {
      const value = `${'x'.repeat(length)}${'\\'.repeat(length % 5)}"${'\\'.repeat(length % 3)}{[`;
      const text = JSON.stringify({ messages: [{ [value]: value }], model: value, stream: false });
      const found = valuesOf(text);
      expect(JSON.parse(found['model'] ?? '')).toBe(value);
      expect(found['stream']).toBe('false');
    }
  });
});

describe('TopLevelScanner', () => {
  const bodies = [
    ' {"model" : "a\\"b\\\\" ,\n"n":-1.5e3,"messages":[{"model":"in\\\\\\"ner","x":"}]"}],"stream":true,"z":null} \n',
    '{"mod\\u0065l":"a","b":1}',
    '{"a":[1,2',
    '{}',
    '{"a":{"b":"\\\\"},"c":"d"}',
  ];

  test.each(bodies)('finds the same in %s however it is cut', (text) => {
    const body = Buffer.from(text);
    const whole = scanTopLevel(body);
    for (let first = 0; first <= body.length; first++) {
      for (let second = first; second <= body.length; second++) {
        const scanner = new TopLevelScanner();
        for (const chunk of [body.subarray(0, first), body.subarray(first, second), body.subarray(second)])
          scanner.push(chunk);
        expect(scanner.end(), `${first} ${second}`).toEqual(whole);
      }
    }
  });

  test('finds the same in chunks of every alignment, with quotes and escapes at every distance', () => {
    const words = [
      'plain text ',
      'a \\"quoted\\" word ',
      'back\\\\slash ',
      '漢字 ',
      '\\n',
      'x'.repeat(5000),
      '\\u0022 ',
    ];
    let text = '{"model":"m","messages":[';
    for (let index = 0; index < 120; index++) {
      const content = Array.from({ length: 6 }, (_, at) => words[(index * 7 + at * at) % words.length]).join('');
      text += `${index > 0 ? ',' : ''}{"role":"user","content":"${content}"}`;
    }
    text += '],"stream":true}';
    JSON.parse(text);
    const body = Buffer.from(text);
    const expected = ['model', 'messages', 'stream'];
    for (let alignment = 0; alignment < 8; alignment++) {
      const shifted = Buffer.alloc(body.length + 16);
      body.copy(shifted, alignment);
      const aligned = shifted.subarray(alignment, alignment + body.length);
      expect(scanTopLevel(aligned).fields.map(({ key }) => key)).toEqual(expected);
      for (const size of [1, 3, 500, 513, 700, 1021, 4097, 65_536]) {
        const scanner = new TopLevelScanner();
        for (let at = 0; at < aligned.length; at += size) scanner.push(aligned.subarray(at, at + size));
        const scan = scanner.end();
        expect(scan.type, `${alignment} ${size}`).toBe('object');
        expect(scan.fields.map(({ key }) => key)).toEqual(expected);
        const stream = scan.fields[2];
        expect(body.toString('utf8', stream?.valueStart, stream?.valueEnd)).toBe('true');
      }
    }
  });

  test('finds the same in long strings, with escapes near every place where the search changes its way', () => {
    for (let length = 180; length < 210; length++) {
      for (const tail of ['', '\\', '\\\\', '"', '\\"', '"\\']) {
        const text = JSON.stringify({ a: 'x'.repeat(length) + tail + 'y'.repeat(400) + tail, model: 'm' });
        const whole = scanTopLevel(Buffer.from(text));
        expect(whole.type).toBe('object');
        expect(whole.fields.map(({ key }) => key)).toEqual(['a', 'model']);
        for (const cut of [
          length - 1,
          length,
          length + 5,
          length + 6,
          length + 7,
          length + 8,
          length + 9,
          length + 200,
        ]) {
          const scanner = new TopLevelScanner();
          scanner.push(Buffer.from(text.slice(0, cut)));
          scanner.push(Buffer.from(text.slice(cut)));
          expect(scanner.end()).toEqual(whole);
        }
      }
    }
  });
});
