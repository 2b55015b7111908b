import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PluginCredential, PluginManifest } from '@proxycast/spec/plugin';
import { findOuterBoundary } from '../boundary/find-outer-boundary.ts';
import type { MemoryBounds } from '../boundary/launch-plan.ts';
import type { OuterBoundary } from '../boundary/outer-boundary.ts';
import type { PluginLogEntry, PluginNotice } from '../broker/create-broker.ts';
import { consentToAll, type PluginConsent } from '../broker/grants.ts';
import type { HttpSending, SendHttp } from '../broker/http-request.ts';
import { verifyFiles } from '../loader/verify-files.ts';
import { parsePluginManifest } from '../manifest/parse-plugin-manifest.ts';
import { createPluginUnit, type PluginUnit, type PluginUnitParts } from '../plugin-unit.ts';
import type { ExitReason } from '../process/exit-reason.ts';
import type { HealthSettings } from '../process/plugin-process.ts';
import type { PluginAttempt } from '../upstream/plugin-port.ts';

export const NO_OUTER: OuterBoundary = { type: 'none', why: 'left out by this test' };
const foundOuter = findOuterBoundary({ platform: process.platform, path: process.env['PATH'] ?? '' });

/** The outer boundary of this machine. CI has one: there its absence fails. */
export const outerHere = (): Promise<OuterBoundary> => foundOuter;

export interface PluginBed extends AsyncDisposable {
  readonly unit: PluginUnit;
  readonly logs: PluginLogEntry[];
  readonly notices: PluginNotice[];
  readonly emitted: { readonly name: string; readonly payload: unknown }[];
  readonly exits: ExitReason[];
  readonly sent: HttpSending[];
  /** Private files of all plugins. */
  readonly home: string;
  readonly dataFolder: string;
}

export interface PluginBedInput {
  readonly folder: string;
  readonly outer?: OuterBoundary;
  readonly consent?: (manifest: PluginManifest) => PluginConsent;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly send?: SendHttp;
  readonly health?: Partial<HealthSettings>;
  readonly memory?: MemoryBounds;
  readonly readKeychain?: PluginUnitParts['readKeychain'];
  readonly isTrustedBinary?: boolean;
  readonly timeoutMs?: number;
  readonly secret?: Uint8Array;
  readonly home?: string;
}

/** One plugin in real processes, installed as it is now. */
export async function createPluginBed(input: PluginBedInput): Promise<PluginBed> {
  const { folder, send, settings = {}, consent = consentToAll } = input;
  const ownHome = input.home === undefined;
  const home = input.home ?? (await realpath(await mkdtemp(join(tmpdir(), 'proxycast-bed-'))));
  const reading = parsePluginManifest(await readFile(join(folder, 'plugin.json'), 'utf8'), {
    hostVersion: '1.0.0',
    platform: 'linux-x64',
  });
  if (reading.type === 'invalid') throw new Error(JSON.stringify(reading.faults));
  const { manifest } = reading;
  const { digests } = await verifyFiles(folder);
  const logs: PluginLogEntry[] = [];
  const notices: PluginNotice[] = [];
  const emitted: { readonly name: string; readonly payload: unknown }[] = [];
  const exits: ExitReason[] = [];
  const sent: HttpSending[] = [];
  const dataFolder = join(home, '.proxycast', 'plugin-data');
  const unit = createPluginUnit(
    {
      node: process.execPath,
      outer: input.outer ?? (await outerHere()),
      databaseProgram: new URL('../database/database-process.ts', import.meta.url).pathname,
      dataFolder,
      secret: input.secret ?? randomBytes(32),
      hostVersion: '1.0.0',
      platform: process.platform,
      locale: () => 'en',
      folders: { home },
      ownFolders: [join(home, '.proxycast')],
      async send(sending) {
        sent.push(sending);
        if (send === undefined) throw new Error('This test has no upstream.');
        return await send(sending);
      },
      now: Date.now,
      random: () => 0,
      setTimer(callback, delayMs) {
        const timer = setTimeout(callback, delayMs);
        return () => clearTimeout(timer);
      },
      ...(input.readKeychain === undefined ? {} : { readKeychain: input.readKeychain }),
      ...(input.health === undefined ? {} : { health: input.health }),
      ...(input.memory === undefined ? {} : { memory: input.memory }),
    },
    {
      manifest,
      folder,
      record: async () => ({
        digests,
        consent: consent(manifest),
        settings,
        ...(input.timeoutMs === undefined ? {} : { timeoutMs: input.timeoutMs }),
        ...(input.isTrustedBinary === undefined ? {} : { isTrustedBinary: input.isTrustedBinary }),
      }),
      log: (entry) => void logs.push(entry),
      notify: (notice) => void notices.push(notice),
      emit: (name, payload) => void emitted.push({ name, payload }),
      onState: () => undefined,
      onExit: (reason) => void exits.push(reason),
    },
  );
  return {
    unit,
    logs,
    notices,
    emitted,
    exits,
    sent,
    home,
    dataFolder,
    async [Symbol.asyncDispose]() {
      await unit[Symbol.asyncDispose]();
      if (ownHome) await rm(home, { recursive: true, force: true });
    },
  };
}

export const sampleCredential: PluginCredential = {
  id: 'c1',
  auth_type: 'oauth',
  data: { access_token: 'token-of-a-login-1' },
};

export function sampleAttempt(changes: Partial<PluginAttempt> = {}): PluginAttempt {
  return {
    streamId: randomUUID(),
    requestId: 'r1',
    operation: 'chat',
    protocol: 'openai',
    model: 'sample-model',
    isStream: true,
    credential: sampleCredential,
    credentialVersion: 1,
    sessionId: 'conversation-1',
    attempt: 1,
    ...changes,
  };
}
