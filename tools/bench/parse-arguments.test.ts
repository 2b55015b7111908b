import { expect, test } from 'vitest';
import { parseArguments } from './parse-arguments.ts';

const known = {
  cells: ['json-1k', 'latency'],
  targets: ['proxycast', 'nginx'],
  taken: ['proxycast', 'nginx', 'direct'],
};
const parse = (...words: string[]): ReturnType<typeof parseArguments> => parseArguments(words, known);

test('without options all cells run', () => {
  expect(parse()).toEqual({
    type: 'run',
    arguments: { isQuick: false, isCheck: false, without: [], peers: [], upstreamPort: 0 },
  });
});

test('every option is read', () => {
  const words = '--cells json-1k,latency --slices 9 --quick --check --without nginx --out there --upstream-port 4000';
  expect(parse(...words.split(' '), '--target', 'other=http://127.0.0.1:9000/base')).toEqual({
    type: 'run',
    arguments: {
      cells: ['json-1k', 'latency'],
      slices: 9,
      out: 'there',
      isQuick: true,
      isCheck: true,
      without: ['nginx'],
      peers: [{ name: 'other', url: new URL('http://127.0.0.1:9000/base') }],
      upstreamPort: 4000,
    },
  });
});

test('all faults are told at once, each with what would be right', () => {
  const words = [
    '--cells',
    'json-1k,nothing',
    '--slices',
    '0',
    '--target',
    'nginx=http://a',
    '--target',
    'b=https://a',
  ];
  expect(parse(...words, '--target', 'noname', '--without', 'node-floor', '--upstream-port', '1e3')).toEqual({
    type: 'wrong',
    faults: [
      '--cells nothing is unknown. One of: json-1k, latency.',
      '--without node-floor is unknown. One of: proxycast, nginx.',
      '--slices must be a number from 1 to 200.',
      '--upstream-port must be a number from 0 to 65535.',
      '--target nginx is the name of a target of the benchmark: choose another.',
      '--target b must have an http:// address.',
      '--target noname is not NAME=URL.',
    ],
  });
});

test.each([['--cell=json-1k'], ['json-1k'], ['--slices']])('%s is refused', (word) => {
  expect(parse(word)).toMatchObject({ type: 'wrong', faults: [expect.any(String)] });
});

test('help wins over the rest', () => {
  expect(parse('-h', '--cells', 'nothing')).toEqual({ type: 'help' });
});
