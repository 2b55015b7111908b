import { describe, expect, test } from 'vitest';
import { refusalOfAnswer, refusalOfTransport } from './classify-failure.ts';

const answer = (status: number, decoded?: Parameters<typeof refusalOfAnswer>[0]['decoded']) =>
  refusalOfAnswer({
    providerId: 'p',
    status,
    contentType: 'application/json',
    body: Buffer.from('{}'),
    ...(decoded === undefined ? {} : { decoded }),
  });

describe('refusalOfAnswer', () => {
  test.each([
    [400, 'invalid-request', 'stop', 'client'],
    [413, 'too-large', 'stop', 'client'],
    [402, 'quota-exhausted', 'another_credential', 'upstream'],
    [403, 'permission', 'another_credential', 'upstream'],
    [429, 'rate-limited', 'another_credential', 'upstream'],
    [404, 'not-found', 'another_provider', 'upstream'],
    [500, 'upstream-failed', 'another_provider', 'upstream'],
    [503, 'overloaded', 'another_provider', 'upstream'],
    [529, 'overloaded', 'another_provider', 'upstream'],
    [504, 'timeout', 'another_provider', 'upstream'],
  ])('%s is %s, then %s, the fault of the %s', (status, kind, next, fault) => {
    expect(answer(status)).toMatchObject({ next, error: { kind, fault, upstreamStatus: status } });
  });

  test('what the dialect says goes before the status', () => {
    const refusal = answer(400, { kind: 'authentication', code: 'API_KEY_INVALID', message: 'key sk-1 is wrong' });
    expect(refusal).toMatchObject({
      next: 'another_credential',
      error: { code: 'upstream_authentication', kind: 'upstream-failed' },
    });
    expect(refusal.error.message).not.toContain('sk-1');
    expect(refusal.answer).toBeUndefined();
  });

  test('the upstream’s own words travel only when they are in the dialect', () => {
    expect(answer(429).answer).toBeUndefined();
    const refusal = answer(429, { kind: 'rate-limited', code: 'rate_limit', message: 'slow down', retryAfterMs: 7000 });
    expect(refusal.answer).toMatchObject({ status: 429 });
    expect(refusal.error.retryAfterMs).toBe(7000);
  });
});

describe('refusalOfTransport', () => {
  const failure = (code: string) => Object.assign(new Error('with 10.0.0.1 in it'), { code });

  test.each([
    ['UND_ERR_SOCKET', false, 'upstream_closed', 'same'],
    ['ECONNRESET', false, 'upstream_closed', 'same'],
    ['UND_ERR_SOCKET', true, 'upstream_cut', 'another_provider'],
    ['ECONNREFUSED', false, 'upstream_unreachable', 'another_provider'],
    ['ENOTFOUND', false, 'upstream_unreachable', 'another_provider'],
    ['HPE_INVALID_CONSTANT', false, 'upstream_invalid_http', 'another_provider'],
  ])('%s, answered: %s → %s, then %s', (code, hadAnswer, expected, next) => {
    const refusal = refusalOfTransport('p', failure(code), hadAnswer);
    expect(refusal).toMatchObject({ next, error: { code: expected, fault: 'upstream' } });
    expect(refusal.error.message).not.toContain('10.0.0.1');
  });
});
