import {
  type LedgerEntry,
  parseClientKeyId,
  parseCredentialId,
  parseProtocolId,
  parseProviderId,
  parseRequestId,
} from '@proxycast/spec';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AdminApiUnderTest, readField, START, startAdminApi } from '../testing/admin-api-under-test.ts';

let api: AdminApiUnderTest;
beforeEach(async () => {
  api = await startAdminApi();
});
afterEach(() => api.stop());

function attempt(id: string, changes: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    id,
    requestId: parseRequestId('r-1'),
    attempt: 1,
    isLast: true,
    startedAt: START,
    clientKeyId: parseClientKeyId('k-1'),
    protocol: parseProtocolId('openai'),
    operation: 'chat',
    providerId: parseProviderId('groq'),
    model: 'fast',
    upstreamModel: 'llama',
    isStream: true,
    outcome: 'answered',
    durationMs: 12,
    requestBytes: 100,
    answerBytes: 200,
    ...changes,
  };
}
const idsOf = (json: unknown) => {
  const items = readField(json, 'items');
  return Array.isArray(items) ? items.map((item) => readField(item, 'id')) : [];
};

test('the ledger is read in pages, newest first, to its end', async () => {
  await api.ledger.append(['a', 'b', 'c', 'd', 'e'].map((id) => attempt(id)));
  const pages: unknown[] = [];
  let query = '';
  for (let count = 0; count < 5; count += 1) {
    const { json } = await api.call('GET', `/requests?limit=2${query}`);
    pages.push(idsOf(json));
    const cursor = readField(json, 'next_cursor');
    if (cursor === null) break;
    query = `&cursor=${encodeURIComponent(String(cursor))}`;
  }
  expect(pages).toEqual([['e', 'd'], ['c', 'b'], ['a']]);
});

test('rows are filtered by key, provider and time', async () => {
  await api.ledger.append([
    attempt('a', { startedAt: START }),
    attempt('b', { startedAt: START + 10, providerId: parseProviderId('openai') }),
    attempt('c', { startedAt: START + 20, clientKeyId: parseClientKeyId('k-2') }),
  ]);
  const list = async (query: string) => idsOf((await api.call('GET', `/requests?${query}`)).json);
  expect(await list('provider_id=openai')).toEqual(['b']);
  expect(await list('client_key_id=k-2')).toEqual(['c']);
  expect(await list(`since=${START + 10}`)).toEqual(['c', 'b']);
  expect(await list(`since=${START}&until=${START + 20}&client_key_id=k-1`)).toEqual(['b', 'a']);
});

test('a request shows its attempts in the order they were made, with all that is known', async () => {
  await api.ledger.append([
    attempt('a', {
      isLast: false,
      outcome: 'refused',
      upstreamStatus: 429,
      errorCode: 'rate_limited',
      fault: 'upstream',
    }),
    attempt('b', {
      attempt: 2,
      credentialId: parseCredentialId('c-1'),
      usage: { input: 5, output: 7 },
      firstByteMs: 3.5,
      overheadMs: 0.4,
      costMicroUsd: 42,
    }),
    attempt('c', { requestId: parseRequestId('r-2') }),
  ]);
  expect((await api.call('GET', '/requests/r-1')).json).toMatchObject({
    request_id: 'r-1',
    attempts: [
      { id: 'a', outcome: 'refused', upstream_status: 429, error_code: 'rate_limited', fault: 'upstream', usage: null },
      {
        id: 'b',
        credential_id: 'c-1',
        usage: { input: 5, cache_read: null, cache_write: null, output: 7, reasoning: null },
        first_byte_ms: 3.5,
        overhead_ms: 0.4,
        cost_micro_usd: 42,
        is_stream: true,
      },
    ],
  });
});

test.each([
  'limit=0',
  'limit=501',
  'limit=ten',
  'limit=',
  'since=yesterday',
  'since=-1',
  'provider_id=a/b',
  'limit=1&limit=2',
])('the query %s is refused by name', async (query) => {
  const answered = await api.call('GET', `/requests?${query}`);
  expect(answered.status).toBe(400);
  expect(answered.json).toMatchObject({ error: { field: query.split('=')[0] } });
});
