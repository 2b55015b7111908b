import type { HeaderReader } from '@proxycast/spec';

/** A hint beyond a day is a misread or a trap: it would keep a credential out for longer than a person waits. */
export const MAX_RETRY_AFTER_MS = 24 * 60 * 60 * 1000;

/** A header that says when a limit starts anew, with the one that says how much of it is left. */
export interface ResetHeader {
  readonly reset: string;
  readonly remaining: string;
}

/**
 * How long an upstream asks to wait, in whole milliseconds from 0 to `MAX_RETRY_AFTER_MS`: `retry-after-ms`, else
 * `retry-after` (seconds or a date), else the latest reset of the limits that are used up. A point in time is counted
 * from the answer's own `date` header, so the upstream's clock is compared with itself.
 */
export function readRetryAfterMs(header: HeaderReader, resets: readonly ResetHeader[] = []): number | undefined {
  const exact = parseNumber(header('retry-after-ms'));
  if (exact !== undefined) return bound(exact);
  const named = header('retry-after');
  if (named !== undefined) {
    const delay = readDelayMs(named, header('date'));
    if (delay !== undefined) return bound(delay);
  }
  let latest: number | undefined;
  for (const { reset, remaining } of resets) {
    const text = header(reset);
    if (text === undefined || (parseNumber(header(remaining)) ?? 0) > 0) continue;
    const delay = readDelayMs(text, header('date'));
    if (delay !== undefined && (latest === undefined || delay > latest)) latest = delay;
  }
  return latest === undefined ? undefined : bound(latest);
}

const MS_PER_UNIT = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;
const DURATION =
  /^(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,9}(?:\.\d{1,9})?)s)?(?:(\d{1,9}(?:\.\d{1,9})?)ms)?$/;

/** A duration such as `12s`, `6m0s`, `1h2m3.5s` or `20ms`, in milliseconds, at most `MAX_RETRY_AFTER_MS`. */
export function parseDurationMs(text: string): number | undefined {
  const match = text === '' ? null : DURATION.exec(text.slice(0, 64));
  if (match === null) return undefined;
  const [, days = '0', hours = '0', minutes = '0', seconds = '0', milliseconds = '0'] = match;
  return bound(
    Number(days) * MS_PER_UNIT.d +
      Number(hours) * MS_PER_UNIT.h +
      Number(minutes) * MS_PER_UNIT.m +
      Number(seconds) * MS_PER_UNIT.s +
      Number(milliseconds),
  );
}

// A plain number this large is a point in time: 10^9 seconds of waiting are thirty years.
const EPOCH_SECONDS_FROM = 1e9;
const EPOCH_MS_FROM = 1e12;
/** RFC 9110 dates begin with a day's name, RFC 3339 ones with a year; anything else `Date.parse` would guess at. */
const DATE = /^(?:[A-Za-z]{3,9}, |\d{4}-\d\d-\d\d[Tt])/;

function readDelayMs(text: string, dateHeader: string | undefined): number | undefined {
  const number = parseNumber(text);
  if (number !== undefined && number < EPOCH_SECONDS_FROM) return number * 1000;
  const duration = number === undefined ? parseDurationMs(text) : undefined;
  if (duration !== undefined) return duration;
  const nowMs = parseDate(dateHeader);
  const atMs = number === undefined ? parseDate(text) : number < EPOCH_MS_FROM ? number * 1000 : number;
  return nowMs === undefined || atMs === undefined ? undefined : atMs - nowMs;
}

function parseNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\s{0,4}\d{1,16}(?:\.\d{1,9})?\s{0,4}$/.test(text) ? Number(text) : undefined;
}

function parseDate(text: string | undefined): number | undefined {
  if (text === undefined || !DATE.test(text)) return undefined;
  const ms = Date.parse(text.slice(0, 64));
  return Number.isNaN(ms) ? undefined : ms;
}

const bound = (ms: number): number => Math.min(MAX_RETRY_AFTER_MS, Math.max(0, Math.ceil(ms)));
