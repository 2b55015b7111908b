import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRotatingFile, type RotatingFile } from './rotating-file.ts';

let folder: string;
let path: string;
let nowMs: number;
let faults: unknown[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'proxycast-log-'));
  path = join(folder, 'logs', 'proxycast.log');
  nowMs = 0;
  faults = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const create = (maxBytes = 30, keptFiles = 2): RotatingFile =>
  createRotatingFile({ path, maxBytes, keptFiles, monotonicMs: () => nowMs, onFault: (cause) => faults.push(cause) });
const read = (suffix = ''): string => readFileSync(path + suffix, 'utf8');

async function writeEach(file: RotatingFile, lines: readonly string[]): Promise<void> {
  for (const line of lines) {
    file.write(line);
    // Each on its own, as in a quiet time.
    await file.close();
  }
}

test('lines are appended in their order, in a folder and a file for their owner alone', async () => {
  const file = create(10_000);
  const lines = Array.from({ length: 500 }, (_, at) => `line ${at}\n`);
  for (const line of lines) file.write(line);
  await file.close();
  expect(read()).toBe(lines.join(''));
  if (process.platform !== 'win32') {
    expect([statSync(join(folder, 'logs')).mode & 0o777, statSync(path).mode & 0o777]).toEqual([0o700, 0o600]);
  }
  await writeEach(create(10_000), ['later\n']);
  expect(read()).toBe(`${lines.join('')}later\n`);
});

test('a full file makes room, and only some are kept', async () => {
  await writeEach(create(), ['a'.repeat(20), 'b'.repeat(20), 'c'.repeat(20), 'd'.repeat(20)]);
  expect(readdirSync(join(folder, 'logs')).sort()).toEqual(['proxycast.log', 'proxycast.log.1', 'proxycast.log.2']);
  expect([read(), read('.1'), read('.2')].map((text) => text[0]).join('')).toBe('dcb');
});

test('what cannot be written is told once, and is tried again later', async () => {
  writeFileSync(join(folder, 'logs'), 'in the way');
  const file = create();
  await writeEach(file, ['one\n', 'two\n']);
  expect(faults).toHaveLength(1);
  rmSync(join(folder, 'logs'));
  mkdirSync(join(folder, 'logs'));
  nowMs = 30_000;
  await writeEach(file, ['three\n']);
  expect(read()).toBe('two\nthree\n');
});

test('what waits has a bound, and what was dropped is counted', async () => {
  const file = create(10_000_000);
  const line = `${'x'.repeat(1023)}\n`;
  for (let at = 0; at < 1_500; at++) file.write(line);
  await file.close();
  await writeEach(file, ['last\n']);
  expect(read()).toMatch(/"\d+ lines of the log were dropped"}\nlast\n$/);
});
