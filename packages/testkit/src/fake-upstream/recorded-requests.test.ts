import type { Operation } from '@proxycast/spec';
import { describe, expect, test } from 'vitest';
import { loadRecordings, type Recording, recordingOf, requestOf } from '../recordings.ts';
import { anthropicDialect } from './anthropic/anthropic-dialect.ts';
import { chatDialect } from './chat/chat-dialect.ts';
import type { FakeDialect } from './dialect.ts';
import { geminiDialect } from './gemini/gemini-dialect.ts';
import type { RequestHead } from './recorded-request.ts';
import { responsesDialect } from './responses/responses-dialect.ts';
import type { Finding } from './rule.ts';

interface Suite {
  readonly protocol: string;
  readonly vendor: string;
  readonly dialect: FakeDialect;
  readonly operation: Operation;
}

const SUITES: readonly Suite[] = [
  { protocol: 'anthropic', vendor: 'anthropic', dialect: anthropicDialect, operation: 'chat' },
  { protocol: 'anthropic-count', vendor: 'anthropic', dialect: anthropicDialect, operation: 'count-tokens' },
  { protocol: 'openai-chat', vendor: 'openai', dialect: chatDialect, operation: 'chat' },
  { protocol: 'openai-responses', vendor: 'openai', dialect: responsesDialect, operation: 'chat' },
  { protocol: 'gemini', vendor: 'google', dialect: geminiDialect, operation: 'chat' },
  { protocol: 'gemini-count', vendor: 'google', dialect: geminiDialect, operation: 'count-tokens' },
];

describe.each(SUITES)('$protocol', ({ protocol, vendor, dialect, operation }) => {
  const accepted = loadRecordings({ protocol, vendor, status: 200, hasRequest: true });

  test('accepts every recorded request the real service accepted', () => {
    expect(accepted.length).toBeGreaterThan(0);
    const refused = accepted
      .map((recording) => ({ file: recording.file, findings: check(recording, dialect, operation) }))
      .filter(({ findings }) => findings.length > 0)
      .map(
        ({ file, findings }) => `${file}: ${findings.map(({ rule, message }) => `${rule}: ${message}`).join(' | ')}`,
      );
    expect(refused).toEqual([]);
  });
});

test.each([
  ['gemini/otel-generate-content-invalid-role.json', geminiDialect, 'ge.role'],
  ['gemini/otel-generate-content-invalid-temperature.json', geminiDialect, 'ge.temperature'],
  ['openai-responses/pyd-openai-responses-model-http-error.json', responsesDialect, 'rs.temperature'],
  ['openai-responses/mir-model-call-with-tools.1.json', responsesDialect, 'rs.strict-schema'],
])('refuses what the real service refused: %s', (file, dialect, rule) => {
  const findings = check(recordingOf(file), dialect, 'chat');
  expect(findings.map((finding) => finding.rule)).toEqual([rule]);
});

function check(recording: Recording, dialect: FakeDialect, operation: Operation): readonly Finding[] {
  const url = new URL(`https://${recording.endpoint ?? 'host.invalid/'}`);
  const head: RequestHead = {
    index: 0,
    method: 'POST',
    path: url.pathname,
    query: url.searchParams,
    headers: {},
    rawHeaders: [],
    arrivedAtMs: 0,
  };
  const body = requestOf(recording);
  const previous = body?.previous_response_id;
  const responses = new Map(
    typeof previous === 'string' ? [[previous, { response: {}, input: [], isBackground: false }]] : [],
  );
  const memory = { signatures: new Map<string, string>(), checksSignatures: false, responses };
  // What a recorded chain answers lies in earlier recordings; its call ids are not here to be found.
  const isChained = typeof previous === 'string';
  return dialect
    .checkBody(body, operation, { head, memory })
    .filter(({ rule }) => !(isChained && rule === 'rs.output-orphan'));
}
