import {
  type ApiKeyRecord,
  type ClientKeyRecord,
  type InstalledPluginRecord,
  type KeptResponse,
  type LedgerEntry,
  type PluginCredentialRecord,
  type ProviderRecord,
  parseClientKeyId,
  parseCredentialId,
  parseProtocolId,
  parseProviderId,
  parseRequestId,
  type RouteRecord,
} from '@proxycast/spec';

export const NOW = Date.UTC(2026, 10, 24);

export function sampleProvider(id: string, changes: Partial<ProviderRecord> = {}): ProviderRecord {
  return {
    id: parseProviderId(id),
    name: `Provider ${id}`,
    type: 'openai',
    apiHost: `https://${id}.example/v1`,
    isSystem: false,
    groupName: 'custom',
    enabled: true,
    sortOrder: 0,
    createdAt: NOW,
    updatedAt: NOW,
    ...changes,
  };
}

export function sampleApiKey(id: string, providerId: string, changes: Partial<ApiKeyRecord> = {}): ApiKeyRecord {
  return {
    id: parseCredentialId(id),
    providerId: parseProviderId(providerId),
    hint: 'wxyz',
    enabled: true,
    usageCount: 0,
    errorCount: 0,
    createdAt: NOW,
    updatedAt: NOW,
    ...changes,
  };
}

export function sampleClientKey(id: string, changes: Partial<ClientKeyRecord> = {}): ClientKeyRecord {
  return {
    id: parseClientKeyId(id),
    name: `Key ${id}`,
    sha256: Buffer.from(id).toString('hex').padStart(64, '0'),
    prefix: 'pc-abc',
    createdAt: NOW,
    updatedAt: NOW,
    ...changes,
  };
}

export function sampleRoute(id: string, changes: Partial<RouteRecord> = {}): RouteRecord {
  return {
    id,
    pattern: 'gpt-*',
    targets: [{ provider: 'openai' }],
    sortOrder: 0,
    enabled: true,
    createdAt: NOW,
    updatedAt: NOW,
    ...changes,
  };
}

export function samplePlugin(id: string, changes: Partial<InstalledPluginRecord> = {}): InstalledPluginRecord {
  return {
    id,
    displayName: `Plugin ${id}`,
    version: '1.2.3',
    enabled: true,
    timeoutMs: 30_000,
    settings: {},
    consent: { network: ['api.example.com'], files: [], keychain: [] },
    digests: { 'plugin.json': 'ab'.repeat(32) },
    source: { type: 'bundled', name: id },
    createdAt: NOW,
    updatedAt: NOW,
    ...changes,
  };
}

export function samplePluginCredential(
  id: string,
  pluginId: string,
  changes: Partial<PluginCredentialRecord> = {},
): PluginCredentialRecord {
  return {
    id: parseCredentialId(id),
    pluginId,
    authType: 'oauth',
    enabled: true,
    status: { type: 'active' },
    version: 1,
    stats: { usageCount: 0, errorCount: 0 },
    createdAt: NOW,
    updatedAt: NOW,
    ...changes,
  };
}

/** The n-th attempt of a row of requests, one per second, with everything known about it. */
export function sampleLedgerEntry(n: number, changes: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    id: `018f-${String(n).padStart(8, '0')}`,
    requestId: parseRequestId(`req-${n}`),
    attempt: 1,
    isLast: true,
    startedAt: NOW + n * 1_000,
    clientKeyId: parseClientKeyId('key-1'),
    protocol: parseProtocolId('openai'),
    operation: 'chat',
    providerId: parseProviderId('openai'),
    credentialId: parseCredentialId('cred-1'),
    model: 'gpt-5.6',
    upstreamModel: 'gpt-5.6-2026-08-01',
    isStream: true,
    outcome: 'answered',
    upstreamStatus: 200,
    usage: { input: 1_200, cacheRead: 800, cacheWrite: 0, output: 345, reasoning: 100 },
    firstByteMs: 321,
    durationMs: 4_567,
    overheadMs: 1,
    requestBytes: 150_000,
    answerBytes: 48_123,
    costMicroUsd: 10_400,
    ...changes,
  };
}

export function sampleKeptResponse(recordId: string, changes: Partial<KeptResponse> = {}): KeptResponse {
  return {
    recordId,
    id: `resp_${recordId}`,
    clientKeyId: parseClientKeyId('key-1'),
    chainId: recordId,
    depth: 0,
    createdAt: NOW,
    expiresAt: NOW + 30 * 86_400_000,
    status: 'completed',
    isBackground: false,
    providerId: parseProviderId('openai'),
    model: 'gpt-5.5',
    origin: 'responses:openai',
    ...changes,
  };
}
