import { type Operation, parseCredentialId, parseProtocolId, Secret } from '@proxycast/spec';
import { describe, expect, test } from 'vitest';
import presetData from '../../../presets/api-key/providers.json' with { type: 'json' };
import { createProviderCalls } from './create-api-key-provider.ts';
import { normaliseHost } from './normalise-host.ts';
import { parsePresets } from './preset.ts';
import { presetRecords, storedHostOf } from './preset-records.ts';
import { PROVIDER_TYPES } from './provider-types.ts';

// What is expected here is worked out from the data file alone, without the code under test.

interface Row {
  readonly id: string;
  readonly type: string;
  readonly api_host: string;
  readonly paths: Readonly<Record<string, string | null>>;
  readonly responses_api: boolean | null;
  readonly anthropic_base: string | null;
  readonly auth: { readonly header: string; readonly prefix: string };
  readonly upstream_proxycast: { readonly type: string; readonly api_host: string | null } | null;
}

const rows: readonly Row[] = JSON.parse(JSON.stringify(presetData));
const presets = new Map(parsePresets(presetData).map((preset) => [preset.id, preset]));
const records = new Map(presetRecords([...presets.values()], 0).map((record) => [String(record.id), record]));

/** What a person fills in. */
const PLACES: Readonly<Record<string, string>> = {
  resource: 'acme',
  location: 'europe-west1',
  region: 'eu-central-1',
  account_id: 'acc1',
  gateway_id: 'gw1',
  account: 'acc2',
  workspace_host: 'dbc-1.example.com',
  project: 'proj',
  deployment: 'm',
  api_version: '2024-10-21',
  model: 'm',
};
const fill = (text: string): string => text.replace(/\{(\w+)\}/g, (whole, name: string) => PLACES[name] ?? whole);
const under = (host: string, path: string): string => (path.startsWith('http') ? path : host + path);

const credential = { id: parseCredentialId('k'), label: 'k', secret: new Secret('sk-1') };

function open(row: Row, version?: string) {
  const record = records.get(row.id);
  const preset = presets.get(row.id);
  if (record === undefined || preset === undefined) throw new RangeError(row.id);
  const calls = createProviderCalls({
    record: {
      ...record,
      apiHost: fill(record.apiHost),
      project: 'proj',
      location: PLACES['location'] ?? '',
      region: PLACES['region'] ?? '',
      ...(version === undefined ? {} : { apiVersion: version }),
    },
    preset,
  });
  const url = (protocol: string, operation: Operation = 'chat', model = 'm', secret = credential.secret) => {
    const id = parseProtocolId(protocol);
    if (!calls.protocolsFor(operation, model).includes(id)) return undefined;
    const call = calls.prepare({
      operation,
      protocol: id,
      model,
      isStream: false,
      query: '',
      credential: { ...credential, secret },
    });
    return { url: call.origin + call.path, headers: call.headers.slice(0, 2) };
  };
  const list = () => {
    const call = calls.modelLists[0]?.call('sk-1', {});
    return call && (call.origin + call.path).replace(/\?.*$/, '');
  };
  return { url, list };
}

const authOf = ({ auth }: Row): readonly string[] => [auth.header.toLowerCase(), `${auth.prefix}sk-1`];
const ofType = (...types: readonly string[]): readonly Row[] => rows.filter(({ type }) => types.includes(type));

test('there are 119, of all ten types, and all are seeded', () => {
  expect(rows).toHaveLength(119);
  expect(new Set(rows.map(({ type }) => type))).toEqual(new Set(PROVIDER_TYPES.keys()));
  expect(records.size).toBe(119);
});

test.each(ofType('openai', 'openai-response'))('$id: chat, responses, models', (row) => {
  const { url, list } = open(row);
  const host = fill(row.api_host);
  const { chat, models, responses } = row.paths;
  expect(url('openai')).toEqual(
    chat === null || chat === undefined ? undefined : { url: under(host, chat), headers: authOf(row) },
  );
  expect(url('responses')?.url).toBe(
    row.responses_api === true || row.type === 'openai-response' ? under(host, responses ?? '/responses') : undefined,
  );
  const elsewhere = row.paths['native_models'] ?? row.paths['catalog'];
  expect(list()).toBe(models ? under(host, models) : elsewhere ? fill(elsewhere) : undefined);
  for (const name of ['embeddings', 'rerank'] as const) {
    const path = row.paths[name];
    if (typeof path === 'string') expect(url('openai', name)?.url).toBe(under(host, path));
  }
});

test.each(ofType('anthropic'))('$id: messages, models', (row) => {
  const { url, list } = open(row);
  expect(url('anthropic')).toEqual({ url: `${row.api_host}${row.paths['messages']}`, headers: authOf(row) });
  expect(list()).toBe(`${row.api_host}${row.paths['models']}`);
});

test.each(ofType('gemini'))('$id: generateContent, models', (row) => {
  const { url, list } = open(row);
  expect(url('gemini')).toEqual({ url: row.api_host + fill(row.paths['generate'] ?? ''), headers: authOf(row) });
  expect(list()).toBe(`${row.api_host}${row.paths['models']}`);
});

test.each(ofType('azure-openai'))('$id: both forms', (row) => {
  const host = fill(row.api_host);
  const v1 = open(row);
  expect(v1.url('openai')).toEqual({ url: host + row.paths['chat_v1'], headers: authOf(row) });
  expect(v1.url('responses')?.url).toBe(host + row.paths['responses_v1']);
  expect(v1.url('openai', 'embeddings')?.url).toBe(host + row.paths['embeddings_v1']);
  expect(v1.list()).toBe(host + row.paths['models_v1']);
  const classic = open(row, PLACES['api_version']);
  expect(classic.url('openai')?.url).toBe(host + fill(row.paths['chat_classic'] ?? ''));
  expect(classic.url('openai', 'embeddings')?.url).toBe(host + fill(row.paths['embeddings_classic'] ?? ''));
  expect(classic.list()).toBe((host + fill(row.paths['models_classic'] ?? '')).replace(/\?.*$/, ''));
});

test.each(ofType('vertexai'))('$id: Gemini and Claude models, and by an express key', (row) => {
  const host = fill(row.api_host);
  const { url, list } = open(row);
  const account = new Secret('{"type":"service_account","client_email":"a","private_key":"PRIVATE KEY"}');
  expect(url('gemini', 'chat', 'm', account)?.url).toBe(host + fill(row.paths['gemini'] ?? ''));
  expect(url('anthropic-inline', 'chat', 'claude-x', account)?.url).toBe(
    host + fill(row.paths['claude'] ?? '').replace('/m:', '/claude-x:'),
  );
  expect(url('gemini')?.url.replace(/^https:\/\/[^/]+/, '')).toBe(
    fill(row.paths['express'] ?? '').replace(/^https:\/\/[^/]+/, ''),
  );
  expect(list()).toBe(host + row.paths['models']);
});

test.each(ofType('aws-bedrock'))('$id: converse, models', (row) => {
  const { url, list } = open(row);
  expect(url('bedrock-converse')?.url).toBe(fill(row.api_host) + fill(row.paths['converse'] ?? ''));
  expect(list()).toBe(fill(row.paths['models'] ?? ''));
});

test.each(ofType('ollama'))('$id: the compatible route for chat, its own for models', (row) => {
  const { url, list } = open(row);
  expect(url('openai')).toEqual({
    url: `${row.paths['openai_compat_base']}/chat/completions`,
    headers: authOf(row),
  });
  expect(list()).toBe(`${row.api_host}${row.paths['models']}`);
});

test.each(ofType('new-api'))('$id: every dialect on its path', (row) => {
  const { url, list } = open(row);
  expect(url('openai')).toEqual({ url: row.api_host + row.paths['chat'], headers: authOf(row) });
  expect(url('responses')?.url).toBe(row.api_host + row.paths['responses']);
  expect(url('anthropic')?.url).toBe(row.api_host + row.paths['messages']);
  expect(url('gemini')?.url).toBe(row.api_host + fill(row.paths['gemini'] ?? ''));
  expect(list()).toBe(row.api_host + row.paths['models']);
});

test.each(ofType('gateway'))('$id: the public dialects', (row) => {
  const { url, list } = open(row);
  const base = row.paths['openai_compat_base'];
  expect(url('openai')).toEqual({ url: `${base}/chat/completions`, headers: authOf(row) });
  expect(list()).toBe(`${base}/models`);
});

describe('Anthropic bases', () => {
  const withBase = rows.filter(({ anthropic_base }) => anthropic_base !== null);

  test('are 46', () => {
    expect(withBase).toHaveLength(46);
  });

  test.each(withBase)('$id: $anthropic_base', (row) => {
    const base = fill(row.anthropic_base ?? '');
    const { url } = open(row);
    // A place that only a call could fill in is none to call at.
    const expected = base.includes('{') ? undefined : `${base}/v1/messages`;
    // What reads no addresses of files is spoken to in a variant of the dialect.
    const protocol = row.type === 'ollama' || row.type === 'vertexai' ? 'anthropic-inline' : 'anthropic';
    expect(url(protocol, 'chat', 'claude-m')?.url).toBe(expected);
  });

  test.each(rows.filter(({ anthropic_base, type }) => anthropic_base === null && type.startsWith('openai')))(
    '$id has none',
    (row) => {
      expect(open(row).url('anthropic')).toBeUndefined();
    },
  );
});

describe('stored hosts', () => {
  const shapeOf = (type: string) => PROVIDER_TYPES.get(type)?.host ?? { version: '' as const };

  test.each(rows.filter(({ api_host }) => !api_host.includes('{')))('$id: ours alone says where calls go', (row) => {
    const preset = presets.get(row.id);
    if (preset === undefined) throw new RangeError(row.id);
    const base = normaliseHost(storedHostOf(preset), shapeOf(row.type));
    expect(base).toBe(row.type === 'gateway' ? row.api_host : row.api_host.replace(/\/+$/, ''));
  });

  /** What the earlier product stored leads elsewhere; our preset has the right host. */
  const CORRECTED = ['github', 'cohere'];
  /** With the version or without, the vendor answers. */
  const EITHER = ['deepseek'];

  test.each(
    rows.flatMap((row) => {
      const { type, api_host: host } = row.upstream_proxycast ?? {};
      return type && host ? [{ ...row, earlierType: type, earlierHost: host }] : [];
    }),
  )('$id: $earlierHost of the earlier product', ({ id, api_host: own, earlierType, earlierHost }) => {
    const base = normaliseHost(earlierHost, shapeOf(earlierType));
    if (CORRECTED.includes(id)) expect(base).not.toBe(own);
    else if (EITHER.includes(id)) expect([own, `${own}/v1`]).toContain(base);
    else if (earlierType === 'gateway') expect(new URL(base).origin).toBe(new URL(own).origin);
    else expect(base).toBe(own);
  });
});
