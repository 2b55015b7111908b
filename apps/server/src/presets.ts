import { type Preset, parsePresets } from '@proxycast/api-key-providers';
import presetData from '../../../presets/api-key/providers.json' with { type: 'json' };

/** The vendors ProxyCast knows, by id, in the order in which they are shown. */
export function loadPresets(): ReadonlyMap<string, Preset> {
  return new Map(parsePresets(presetData).map((preset) => [preset.id, preset]));
}
