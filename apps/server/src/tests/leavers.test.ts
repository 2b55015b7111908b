import { request as httpRequest } from 'node:http';
import { createFakeUpstream, reply } from '@proxycast/testkit';
import { expect, test } from 'vitest';
import { DIALECTS } from '../testing/dialects.ts';
import { startApp } from '../testing/start-app.ts';

const CLIENTS = 300;

/** What keeps a process alive, by kind. */
function resources(): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

test('when all clients leave at once every upstream call is aborted, and no socket or timer stays', async () => {
  await using upstream = await createFakeUpstream();
  await using app = await startApp();
  const [dialect] = DIALECTS;
  if (dialect === undefined) throw new Error('no dialect');
  await app.addProvider(
    { id: 'a', type: dialect.providerType, api_host: upstream.baseUrl, models: ['fake-model'] },
    'key-1',
  );
  upstream.respond(reply.text(['one ', 'two ', 'three ', 'four '], { holdAfterBytes: 700 }));
  const before = resources();

  const body = JSON.stringify(dialect.body('fake-model', true));
  const clients = Array.from({ length: CLIENTS }, () => {
    const client = httpRequest(app.baseUrl + dialect.path('fake-model', true), {
      method: 'POST',
      headers: dialect.headers,
      agent: false,
    });
    client.on('error', () => undefined);
    client.end(body);
    return client;
  });
  await upstream.waitForRequest(CLIENTS);
  expect(app.app.gateway.inFlight()).toBe(CLIENTS);

  const leftAt = performance.now();
  for (const client of clients) client.destroy();
  await upstream.idle();
  const abortedInMs = performance.now() - leftAt;
  await expect.poll(() => app.app.gateway.inFlight()).toBe(0);
  expect(upstream.requests.filter(({ end }) => end?.type === 'aborted-by-peer')).toHaveLength(CLIENTS);
  // The bench holds the real bar; here client, server and upstream share one thread.
  expect(abortedInMs).toBeLessThan(3_000);
  await upstream.disconnected();
  await expect.poll(() => resources()['TCPSocketWrap'] ?? 0).toBeLessThanOrEqual(before['TCPSocketWrap'] ?? 0);
  await expect.poll(() => resources()['Timeout'] ?? 0).toBeLessThanOrEqual((before['Timeout'] ?? 0) + 1);
});

test('after a stop nothing of the program keeps the process alive', async () => {
  const before = resources();
  const app = await startApp();
  await app.stop();
  for (const kind of ['TCPSocketWrap', 'TCPServerWrap', 'MessagePort', 'Worker']) {
    await expect.poll(() => resources()[kind] ?? 0, { message: kind }).toBeLessThanOrEqual(before[kind] ?? 0);
  }
});
