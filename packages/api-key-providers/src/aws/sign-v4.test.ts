import { expect, test } from 'vitest';
import { signV4 } from './sign-v4.ts';

test('signs as two other implementations do', () => {
  const headers = signV4(
    {
      method: 'POST',
      host: 'bedrock-runtime.us-east-1.amazonaws.com',
      path: '/model/us.anthropic.claude-haiku-4-5-20251001-v1%3A0/converse',
      body: [Buffer.from('{"messages":[{"role":"user","content":[{"text":"hi"}]}],"inferenceConfig":{"maxTokens":1}}')],
      region: 'us-east-1',
      service: 'bedrock',
      nowMs: Date.UTC(2026, 0, 1),
    },
    { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
  );
  expect(headers).toEqual([
    'x-amz-date',
    '20260101T000000Z',
    'authorization',
    'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/bedrock/aws4_request, SignedHeaders=host;x-amz-date, Signature=2e2fb1dda668df9a1e0c6e100d057de415fda7fffcf4cd4de7c545bf29a9fe62',
  ]);
});
