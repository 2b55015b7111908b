import { PLATFORMS, type PluginPlatform } from '@proxycast/spec/plugin';

const SYSTEMS: Readonly<Record<string, string>> = { linux: 'linux', darwin: 'macos', win32: 'windows' };

/** This machine as manifests name it; `undefined` where no plugin can be built for it. */
export function pluginPlatformOf(platform: string, arch: string): PluginPlatform | undefined {
  return PLATFORMS.find((known) => known === `${SYSTEMS[platform] ?? ''}-${arch}`);
}
