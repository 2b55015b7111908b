import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type PluginCredentialRecord, parseCredentialId } from '@proxycast/spec';
import { openStorage, type Storage } from '@proxycast/storage';
import type { StorageBed } from '@proxycast/storage/testing/storage-beds';
import {
  type FakeIdentityProviderOptions,
  type RunningIdentityProvider,
  startFakeIdentityProvider,
} from '@proxycast/testkit';
import type { CallerSetUp } from './caller-messages.ts';
import { type LoginTokens, spendRefreshToken, tokensIn, toSecret } from './login-tokens.ts';
import { type Caller, startCaller } from './start-caller.ts';

/** One database, one identity provider, an official client with its file, and processes of callers. */
export interface RefreshBed extends AsyncDisposable {
  readonly provider: RunningIdentityProvider;
  readonly storage: Storage;
  /** A login that is stored; answers its id. */
  addLogin(name: string): Promise<string>;
  stored(id: string): Promise<{ readonly record: PluginCredentialRecord; readonly tokens: LoginTokens }>;
  startCaller(changes?: Partial<CallerSetUp>): Promise<Caller>;
  /** What the official client has in its file. */
  writeDisk(tokens: LoginTokens): Promise<void>;
  /** The official client refreshes by itself, and writes what it got to its file. It knows nothing of our locks. */
  refreshOfficially(tokens: LoginTokens): Promise<'tokens' | 'refused' | 'down'>;
}

/** A folder and a database that go with `bed`. */
export async function openRefreshBed(
  bed: StorageBed,
  tokens: FakeIdentityProviderOptions['tokens'],
): Promise<RefreshBed> {
  const location = await bed.createLocation();
  const folder = await bed.createDirectory();
  const diskPath = join(folder, 'auth.json');
  const storage = await openStorage({
    location,
    masterKey: new Uint8Array(32),
    backupsDirectory: folder,
    now: Date.now,
  });
  const provider = await startFakeIdentityProvider(tokens === undefined ? {} : { tokens });
  const callers: Caller[] = [];
  const client = { tokenUrl: `${provider.origin}/token`, clientId: provider.clientId };
  const at = Date.now();
  await storage.plugins.put({
    id: 'sample',
    displayName: 'Sample',
    version: '1.0.0',
    enabled: true,
    timeoutMs: 30_000,
    settings: {},
    consent: { network: [], files: [], keychain: [] },
    digests: {},
    source: { type: 'bundled', name: 'sample' },
    createdAt: at,
    updatedAt: at,
  });

  const writeDisk = async (next: LoginTokens): Promise<void> => {
    await writeFile(`${diskPath}.new`, JSON.stringify(next));
    await rename(`${diskPath}.new`, diskPath);
  };
  return {
    provider,
    storage,
    writeDisk,
    async addLogin(name) {
      const { accessToken, refreshToken } = provider.login('me@example.com');
      const expiresAt = Date.now() + 60_000;
      const record: PluginCredentialRecord = {
        id: parseCredentialId(name),
        pluginId: 'sample',
        authType: 'oauth',
        enabled: true,
        status: { type: 'active' },
        expiresAt,
        version: 1,
        stats: { usageCount: 0, errorCount: 0 },
        createdAt: at,
        updatedAt: at,
      };
      await storage.pluginCredentials.insert(record, toSecret({ accessToken, refreshToken, expiresAt }));
      return record.id;
    },
    async stored(id) {
      const row = await storage.pluginCredentials.getWithData(parseCredentialId(id));
      if (row === undefined) throw new Error(`There is no credential ${id}.`);
      return { record: row.record, tokens: tokensIn(row.data.reveal()) };
    },
    async startCaller(changes = {}) {
      const caller = await startCaller({
        ...client,
        location: location.type === 'postgres' ? { type: 'postgres', url: location.url.reveal() } : location,
        backupsDirectory: folder,
        owner: `caller-${callers.length}`,
        ...changes,
        ...(changes.diskPath === undefined ? {} : { diskPath }),
      });
      callers.push(caller);
      return caller;
    },
    async refreshOfficially({ refreshToken }) {
      const reply = await spendRefreshToken({ ...client, by: 'official' }, refreshToken);
      if (reply.type === 'tokens') await writeDisk(reply.tokens);
      return reply.type;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(callers.map((caller) => caller.kill()));
      await provider[Symbol.asyncDispose]();
      await storage.close();
    },
  };
}
