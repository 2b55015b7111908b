import { type EpochMs, type ProviderRecord, parseProviderId } from '@proxycast/spec';
import { normaliseHost } from './normalise-host.ts';
import type { Preset } from './preset.ts';
import { PROVIDER_TYPES } from './provider-types.ts';

/**
 * The preset's host as it is stored: with a slash at the end where the type would append a version that the vendor
 * does not have, so that the stored text alone says where calls go.
 */
export function storedHostOf(preset: Preset): string {
  const type = PROVIDER_TYPES.get(preset.type);
  if (type === undefined || preset.apiHost === '' || preset.apiHost.includes('{')) return preset.apiHost;
  return normaliseHost(preset.apiHost, type.host) === preset.apiHost ? preset.apiHost : `${preset.apiHost}/`;
}

/** Rows for the presets whose type can be called, disabled until they have a key. */
export function presetRecords(presets: readonly Preset[], now: EpochMs): readonly ProviderRecord[] {
  return presets.flatMap((preset, index) =>
    PROVIDER_TYPES.has(preset.type)
      ? [
          {
            id: parseProviderId(preset.id),
            name: preset.name,
            type: preset.type,
            apiHost: storedHostOf(preset),
            presetHost: storedHostOf(preset),
            isSystem: true,
            groupName: preset.group,
            enabled: false,
            sortOrder: index + 1,
            createdAt: now,
            updatedAt: now,
          },
        ]
      : [],
  );
}
