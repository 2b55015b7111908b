import { parseClientKeyId, parseProtocolId, parseProviderId, parseRequestId } from '@proxycast/spec';
import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';

test('counts attempts and tokens by provider, and never names a model', async () => {
  const metrics = createMetrics({ inFlight: () => 3, ledger: () => ({ waiting: 2, lost: 1 }), version: '1.2.3' });
  metrics.record({
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
  });
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
