import { readFileSync } from 'node:fs';
import type { ChatRequest } from '@proxycast/spec';
import { loadRecordings, type Recording, requestOf } from '@proxycast/testkit';
import { CONFORMANCE_DIALECTS, type ConformanceDialect } from '@proxycast/testkit/conformance';
import { beforeAll, describe, expect, test } from 'vitest';
import { estimateTokens } from './estimate-tokens.ts';
import { loadEncoding } from './load-encoding.ts';
import { profileOf } from './token-profile.ts';

/** An error of a few tokens in a tiny prompt is none that anybody feels: shares are of at least so many tokens. */
const LEAST_TOKENS = 100;

/** Counts what it found on the web as well. */
const SEARCHES_BY_ITSELF = /^compound/;

interface Sample {
  readonly family: string;
  readonly actual: number;
  readonly estimate: number;
}

interface FamilyErrors {
  readonly family: string;
  readonly requests: number;
  /** Shares of the true count. */
  readonly median: number;
  readonly p90: number;
  /** The median with its sign: above zero the estimate is too high. */
  readonly bias: number;
}

/** What the service said that the request was; `undefined` where it said nothing. */
function actualTokens(recording: Recording, { protocol, codec }: ConformanceDialect): number | undefined {
  const text = recording.bytes().toString('utf8');
  if (recording.protocol.endsWith('-count')) return codec.decodeTokenCount(JSON.parse(text));
  const streamFraming = text.trimStart().startsWith('[') ? 'json-array' : 'sse';
  const framing = recording.kind === 'stream' ? streamFraming : 'whole';
  return protocol.readUsage({ framing, head: text, tail: text, isWhole: true })?.input;
}

/** Whether what the service read stands in the request: not so with what it keeps, fetches, searches or has compacted. */
function isWhole(request: ChatRequest): boolean {
  if (request.previousResponseId !== undefined || (request.keptByService?.length ?? 0) > 0) return false;
  if (request.tools.some(({ type }) => type === 'server')) return false;
  const blocks = request.turns.flatMap((turn) => turn.blocks);
  const inner = blocks.flatMap((block) => (block.type === 'tool-result' ? block.blocks : []));
  return [...blocks, ...inner].every((block) => {
    if (block.type === 'opaque') return false;
    return !('source' in block) || block.source.type === 'base64' || block.source.type === 'text';
  });
}

function sampleOf(
  recording: Recording,
  dialect: ConformanceDialect,
  count: (piece: string) => number,
): Sample | undefined {
  const body = requestOf(recording);
  const actual = actualTokens(recording, dialect);
  if (body === undefined || actual === undefined || actual === 0) return undefined;
  const named = recording.model ?? body['model'];
  // A path may name the model, and then a body without one says nothing of whom to estimate for.
  if (typeof named !== 'string' || SEARCHES_BY_ITSELF.test(named)) return undefined;
  const isTokenCount = recording.protocol.endsWith('-count');
  const request = dialect.codec.decodeRequest(body, { isStream: false, isTokenCount, pathModel: named });
  if (!isWhole(request)) return undefined;
  return { family: profileOf(named).family, actual, estimate: estimateTokens(request, named, count) };
}

function errorsOf(family: string, samples: readonly Sample[]): FamilyErrors {
  const signed = samples
    .map(({ actual, estimate }) => (estimate - actual) / Math.max(actual, LEAST_TOKENS))
    .sort((left, right) => left - right);
  const sizes = signed.map(Math.abs).sort((left, right) => left - right);
  const at = (sorted: readonly number[], share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { family, requests: samples.length, median: at(sizes, 0.5), p90: at(sizes, 0.9), bias: at(signed, 0.5) };
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

function renderTable(rows: readonly FamilyErrors[]): string {
  const lines = rows.map(
    ({ family, requests, median, p90, bias }) =>
      `| ${family} | ${requests} | ${percent(median)} | ${percent(p90)} | ${bias > 0 ? '+' : ''}${percent(bias)} |`,
  );
  return [
    '| Family | Requests | Median error | p90 | Median, signed |',
    '| --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
}

/** The rows of the table as they are written. A request more or a point less makes it no lie. */
function readTable(readme: string): ReadonlyMap<string, FamilyErrors> {
  const found = readme.matchAll(/^\| (\S+) \| (\d+) \| ([\d.]+) % \| ([\d.]+) % \| ([+-]?[\d.]+) % \|$/gm);
  return new Map(
    [...found].map(([, family = '', requests, median, p90, bias]) => [
      family,
      {
        family,
        requests: Number(requests),
        median: Number(median) / 100,
        p90: Number(p90) / 100,
        bias: Number(bias) / 100,
      },
    ]),
  );
}

/** Families of which there are enough recordings to say anything. */
const LEAST_REQUESTS = 5;

let rows: readonly FamilyErrors[];

beforeAll(async () => {
  const count = await loadEncoding();
  const families = new Map<string, Sample[]>();
  const seen = new Set<string>();
  for (const dialect of CONFORMANCE_DIALECTS) {
    const protocols = [dialect.recorded, `${dialect.recorded.replace('openai-', '')}-count`];
    for (const recording of loadRecordings({ protocol: protocols, status: 200, hasRequest: true })) {
      // The same request may have been recorded as a stream and whole.
      const key = `${recording.model} ${recording.requestText()}`;
      const sample = seen.has(key) ? undefined : sampleOf(recording, dialect, count);
      seen.add(key);
      if (sample === undefined) continue;
      const samples = families.get(sample.family) ?? [];
      samples.push(sample);
      families.set(sample.family, samples);
    }
  }
  rows = [...families]
    .filter(([, samples]) => samples.length >= LEAST_REQUESTS)
    .map(([family, samples]) => errorsOf(family, samples))
    .sort((left, right) => (left.family < right.family ? -1 : 1));
}, 60_000);

describe('estimates against what services counted', () => {
  test('the table in the README is true', () => {
    const written = readTable(readFileSync(new URL('../README.md', import.meta.url), 'utf8'));
    const isNear = (row: FamilyErrors): boolean => {
      const said = written.get(row.family);
      if (said === undefined) return false;
      const { requests, median, p90, bias } = said;
      return (
        Math.abs(row.requests - requests) <= Math.max(2, requests * 0.1) &&
        Math.abs(row.median - median) <= 0.02 &&
        Math.abs(row.bias - bias) <= 0.02 &&
        Math.abs(row.p90 - p90) <= Math.max(0.1, p90 * 0.25)
      );
    };
    const stale = rows.filter((row) => !isNear(row)).map(({ family }) => family);
    expect(stale, `The table is now:\n${renderTable(rows)}`).toEqual([]);
    expect([...written.keys()]).toEqual(rows.map(({ family }) => family));
  });

  test('every large family is there, and half of its requests are near', () => {
    const medians = new Map(rows.map(({ family, median }) => [family, median]));
    for (const family of [
      'claude',
      'claude-4.1-',
      'gemini-2',
      'gpt-4o',
      'gpt-4o-mini',
      'gpt-5+',
      'gpt-oss',
      'mistral',
    ]) {
      expect(medians.get(family), family).toBeLessThan(0.1);
    }
    for (const [family, median] of medians) expect(median, family).toBeLessThan(0.2);
  });

  test('bug 88 (litellm#37102): they are rather too high than too low', () => {
    for (const { family, bias } of rows) expect(bias, family).toBeGreaterThan(-0.01);
  });
});
