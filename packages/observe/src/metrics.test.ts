import { type AttemptFact, parseClientKeyId, parseProtocolId, parseProviderId, parseRequestId } from '@proxycast/spec';
import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';

const fact: AttemptFact = {
  requestId: parseRequestId('r'),
  attempt: 1,
  isLast: true,
  startedAt: 0,
  clientKeyId: parseClientKeyId('c'),
  protocol: parseProtocolId('openai'),
  operation: 'chat',
  providerId: parseProviderId('deepseek'),
  model: 'secret-model-name',
  upstreamModel: 'secret-model-name',
  isStream: true,
  outcome: 'answered',
  usage: { input: 10, output: 5 },
  firstByteMs: 40,
  durationMs: 200,
  overheadMs: 0.3,
  requestBytes: 1,
  answerBytes: 1,
};

test('counts attempts and tokens by provider, and never names a model', async () => {
  const metrics = createMetrics({ inFlight: () => 3, ledger: () => ({ waiting: 2, lost: 1 }), version: '1.2.3' });
  metrics.record(fact);
  const text = await metrics.render();
  expect(text).toContain(
    'proxycast_attempts_total{provider="deepseek",protocol="openai",operation="chat",outcome="answered",fault="none"} 1',
  );
  expect(text).toContain('proxycast_tokens_total{provider="deepseek",kind="input"} 10');
  expect(text).toContain('proxycast_requests_in_flight 3');
  expect(text).toContain('proxycast_first_byte_seconds_bucket{le="0.05",provider="deepseek"} 1');
  expect(text).toContain('proxycast_info{version="1.2.3"} 1');
  expect(text).not.toContain('secret-model-name');
});

test('keeps apart what differs, in any order', async () => {
  const metrics = createMetrics({ inFlight: () => 0, ledger: () => ({ waiting: 0, lost: 0 }), version: '1' });
  const other: AttemptFact = { ...fact, providerId: parseProviderId('groq'), outcome: 'refused', fault: 'upstream' };
  for (const one of [fact, other, fact, { ...other, usage: { input: Number.NaN, output: -1 } }, other, fact]) {
    metrics.record(one);
  }
  const text = await metrics.render();
  expect(text).toMatch(/attempts_total\{provider="deepseek",.*outcome="answered",fault="none"\} 3/);
  expect(text).toMatch(/attempts_total\{provider="groq",.*outcome="refused",fault="upstream"\} 3/);
  expect(text).toContain('proxycast_tokens_total{provider="deepseek",kind="input"} 30');
  expect(text).toContain('proxycast_tokens_total{provider="groq",kind="input"} 20');
  expect(text).not.toContain('kind="reasoning"');
  expect(text).toContain('proxycast_overhead_milliseconds_count{provider="deepseek"} 3');
  expect(text).toContain('proxycast_overhead_milliseconds_count{provider="groq"} 3');
});
