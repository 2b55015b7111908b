import { expect, test } from 'vitest';
import { createFakeUpstream } from '../fake-upstream/create-fake-upstream.ts';
import { createAiGatewayService } from './create-ai-gateway-service.ts';

test.each([
  ['/v1/chat/completions', 'acme/m', 200],
  ['/v1/chat/completions', 'm', 404],
  ['/v1beta/models/acme%2Fm:generateContent', 'acme/m', 404],
  ['/v4/ai/chat/completions', 'acme/m', 404],
])('%s of %s is answered with %d', async (path, model, status) => {
  const service = createAiGatewayService({ models: ['acme/m'] });
  await using upstream = await createFakeUpstream({ service });
  const response = await fetch(upstream.baseUrl + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer k' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hi' }] }),
  });
  expect(response.status).toBe(status);
});
