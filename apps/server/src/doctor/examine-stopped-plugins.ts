import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { PluginAnswer } from '@proxycast/console-api';
import type { CredentialPool } from '@proxycast/credentials';
import type { Storage } from '@proxycast/storage';
import { pluginPlatformOf } from '../plugins/plugin-platform.ts';
import { plain, showCredential, showFaulty, showMissing, showPlugin } from '../plugins/show-plugin.ts';
import type { ExaminedPlugins } from './check-plugins.ts';

export interface StoppedPluginsParts {
  readonly storage: Pick<Storage, 'plugins' | 'pluginCredentials'>;
  readonly folder: string;
  readonly hostVersion: string;
  readonly system: { readonly platform: NodeJS.Platform; readonly arch: string; readonly searchPath: string };
}

/** Of a server that is stopped no credential rests. */
const UNUSED: Pick<CredentialPool, 'stateOf'> = { stateOf: () => ({ type: 'active' }) };

/** What would keep installed plugins from starting, without starting one; `undefined` where none is installed. */
export async function examineStoppedPlugins(parts: StoppedPluginsParts): Promise<ExaminedPlugins | undefined> {
  const { storage, folder, hostVersion, system } = parts;
  const records = await storage.plugins.list();
  if (records.length === 0) return undefined;
  const { findOuterBoundary, readPluginFolder, verifyFiles } = await import('@proxycast/plugin-host');
  const { platform, arch, searchPath } = system;
  const plugins: PluginAnswer[] = [];
  for (const record of records) {
    const place = join(folder, record.id);
    const reading = await readPluginFolder(place, { hostVersion, platform: pluginPlatformOf(platform, arch) });
    if (reading.type === 'faulty') {
      plugins.push(existsSync(place) ? { ...showFaulty(reading), enabled: record.enabled } : showMissing(record));
      continue;
    }
    const shown = showPlugin({ ...reading, enabled: record.enabled }, record, undefined);
    const [changed] = (await verifyFiles(place, { expected: record.digests, ignored: ['config.json'] })).faults;
    plugins.push(
      changed === undefined || !record.enabled
        ? shown
        : {
            ...shown,
            state: { ...plain('failed'), reason: `${changed.path} is not as it was installed (${changed.code}).` },
          },
    );
  }
  const credentials: ExaminedPlugins['credentials'][number][] = [];
  for (const { id } of records) {
    for (const credential of await storage.pluginCredentials.list(id))
      credentials.push(showCredential(credential, UNUSED));
  }
  const outer = await findOuterBoundary({ platform, path: searchPath });
  return {
    plugins,
    credentials,
    boundary: {
      outer: outer.type === 'none' ? { type: 'none', version: null, why: outer.why } : { ...outer, why: null },
      open: [],
    },
  };
}
