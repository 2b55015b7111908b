import { describe, expect, test } from 'vitest';
import { MAX_RETRY_AFTER_MS, parseDurationMs, readRetryAfterMs } from './retry-after.ts';

const DATE = 'Tue, 24 Nov 2026 10:00:00 GMT';
const RESETS = [
  { reset: 'x-reset-requests', remaining: 'x-remaining-requests' },
  { reset: 'x-reset-tokens', remaining: 'x-remaining-tokens' },
];
const read = (headers: Readonly<Record<string, string>>) => readRetryAfterMs((name) => headers[name], RESETS);

describe('readRetryAfterMs', () => {
  test.each([
    ['seconds', { 'retry-after': '7' }, 7000],
    ['a fraction of a second, rounded up to a millisecond', { 'retry-after': '0.0005' }, 1],
    ['zero', { 'retry-after': '0' }, 0],
    ['milliseconds before seconds', { 'retry-after-ms': '120', 'retry-after': '9' }, 120],
    [
      'a date, counted from the date of the answer',
      { 'retry-after': 'Tue, 24 Nov 2026 10:01:30 GMT', date: DATE },
      90_000,
    ],
    ['a date that is past', { 'retry-after': 'Tue, 24 Nov 2026 09:00:00 GMT', date: DATE }, 0],
    ['a week, which is cut to a day', { 'retry-after': '604800' }, MAX_RETRY_AFTER_MS],
    ['a duration with units', { 'retry-after': '1m30s' }, 90_000],
    ['a reset as a duration', { 'x-reset-tokens': '6m0s', 'x-remaining-tokens': '0' }, 360_000],
    ['a reset as a date', { 'x-reset-tokens': '2026-11-24T10:00:05Z', date: DATE }, 5000],
    ['a reset in epoch seconds', { 'x-reset-tokens': '1795514405', date: 'Tue, 24 Nov 2026 10:00:00 GMT' }, 5000],
    ['a reset in epoch milliseconds', { 'x-reset-tokens': '1795514400250', date: DATE }, 250],
    ['the latest of two resets', { 'x-reset-tokens': '6s', 'x-reset-requests': '9s' }, 9000],
    [
      'only resets of limits that are used up',
      { 'x-reset-tokens': '6s', 'x-remaining-tokens': '0', 'x-reset-requests': '9s', 'x-remaining-requests': '12' },
      6000,
    ],
    ['the reset when retry-after cannot be read', { 'retry-after': 'soon', 'x-reset-tokens': '6s' }, 6000],
  ])('reads %s', (_name, headers, expected) => {
    expect(read(headers)).toBe(expected);
  });

  test.each([
    ['no header', {}],
    ['words', { 'retry-after': 'soon' }],
    ['a negative number', { 'retry-after': '-4' }],
    ['a date without the date of the answer', { 'retry-after': 'Tue, 24 Nov 2026 10:01:30 GMT' }],
    ['a broken date', { 'retry-after': 'Tue, 99 Nov 2026', date: DATE }],
    ['an empty value', { 'retry-after': '', 'x-reset-tokens': '' }],
  ])('answers undefined for %s', (_name, headers) => {
    expect(read(headers)).toBeUndefined();
  });
});

test.each([
  ['12s', 12_000],
  ['47.938s', 47_938],
  ['20ms', 20],
  ['1h2m3.5s', 3_723_500],
  ['2d', MAX_RETRY_AFTER_MS],
  ['', undefined],
  ['12', undefined],
  ['s', undefined],
  ['12s later', undefined],
])('the duration %j is %j ms', (text, expected) => {
  expect(parseDurationMs(text)).toBe(expected);
});
