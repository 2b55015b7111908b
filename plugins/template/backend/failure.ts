import type { FailureVerdict, PluginDefinition } from '@proxycast/plugin-sdk';

type Explain = NonNullable<PluginDefinition['failure']>;

export const failure: Explain = {
  explain({ status, body }, { now }): FailureVerdict {
    const said = parse(body);
    switch (said.error) {
      case 'token_expired':
        return {
          code: 'token_expired',
          kind: 'authentication',
          fault: 'upstream',
          next: 'another_credential',
          condition: { type: 'refresh' },
        };
      case 'suspended':
        return {
          code: 'suspended',
          kind: 'permission',
          fault: 'upstream',
          next: 'another_credential',
          condition: { type: 'suspended', words: said.message },
        };
      case 'busy':
        return {
          code: 'rate_limited',
          kind: 'rate-limited',
          fault: 'upstream',
          next: 'another_credential',
          cool_down_until: now() + (said.retryAfterMs ?? 5000),
          cool_down_scope: 'model',
        };
    }
    if (status >= 500)
      return { code: 'service_failed', kind: 'upstream-failed', fault: 'upstream', next: 'another_provider' };
    return { code: 'refused', kind: 'invalid-request', fault: 'client', next: 'stop', message: said.message };
  },
};

function parse(body: Uint8Array): { readonly error: string; readonly message: string; readonly retryAfterMs?: number } {
  try {
    const said: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    const fields: Readonly<Record<string, unknown>> = typeof said === 'object' && said !== null ? { ...said } : {};
    const { error, message, retry_after_ms } = fields;
    return {
      error: typeof error === 'string' ? error : '',
      message: typeof message === 'string' ? message.slice(0, 1000) : 'The service refused the request.',
      ...(typeof retry_after_ms === 'number' ? { retryAfterMs: retry_after_ms } : {}),
    };
  } catch {
    return { error: '', message: 'The service refused the request.' };
  }
}
