import { type FakeDialectId, type RunningServer, reply, startServer } from '@proxycast/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ASKED_REQUESTS } from '../support/asked-requests.ts';
import {
  addHost,
  PROVIDER_HOST_NAMES,
  PROVIDER_HOSTS,
  type ProviderHost,
  SPOKEN_BY,
} from '../support/provider-hosts.ts';

const CLIENTS: readonly FakeDialectId[] = ['openai', 'responses', 'anthropic', 'gemini'];

const pathOf = (client: FakeDialectId, model: string): string =>
  ({
    openai: '/v1/chat/completions',
    responses: '/v1/responses',
    anthropic: '/v1/messages',
    gemini: `/v1beta/models/${model}:generateContent`,
  })[client];

let server: RunningServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.stop());

describe.each(PROVIDER_HOST_NAMES)('what is asked before %s', (name) => {
  const slug = `fake-${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`;
  let host: ProviderHost;

  beforeAll(async () => {
    host = await PROVIDER_HOSTS[name]({ name: slug, forbidden: [server.clientKey, server.adminToken] });
    await addHost(server, slug, host);
    host.respond(() => reply.text('So be it.'));
  });
  afterAll(() => host?.[Symbol.asyncDispose]());

  test.each(CLIENTS)('in %s is taken, and what its maker refuses is refused in its words', async (client) => {
    const faults: string[] = [];
    for (const { name: asked, body, isRefusedAtHome, isForOlderModels } of ASKED_REQUESTS[client]) {
      host.reset();
      host.respond(() => reply.text('So be it.'));
      const response = await fetch(server.baseUrl + pathOf(client, host.model), {
        method: 'POST',
        headers: {
          authorization: `Bearer ${server.clientKey}`,
          'content-type': 'application/json',
          'anthropic-version': '2023-06-01',
        },
        body: JSON.stringify(client === 'gemini' ? body : { model: host.model, ...body }),
      });
      const text = await response.text();
      const isAlwaysReasoning = host.model.startsWith('gpt-5');
      const isForAnother = isRefusedAtHome === true || (isForOlderModels === true && isAlwaysReasoning);
      const isRefusal = isForAnother && SPOKEN_BY[name].includes(client);
      const isRight = isRefusal
        ? response.status === 400
        : response.status === 200 && text.includes('So be it.') && host.violations().length === 0;
      if (!isRight) faults.push([asked, response.status, ...host.violations(), text.slice(0, 300)].join(' | '));
      expect(host.requests(), asked).toHaveLength(1);
    }
    expect(faults).toEqual([]);
  });
});
