import type { Preset } from './preset.ts';
import { storedHostOf } from './preset-records.ts';

const PLACE = /\{(\w+)\}/g;

/**
 * The preset as it holds for a row's host: itself where the row has its host, with its `{places}` filled in where the row's
 * host is the preset's with values in them. `undefined` where the host is another.
 */
export function fillPreset(preset: Preset, apiHost: string): Preset | undefined {
  if (apiHost === storedHostOf(preset)) return preset;
  if (!preset.apiHost.includes('{')) return undefined;
  const values = readPlaces(preset.apiHost, apiHost.trim().replace(/[/#]+$/, ''));
  if (values === undefined) return undefined;
  const fill = (text: string): string => text.replaceAll(PLACE, (whole, name: string) => values.get(name) ?? whole);
  return {
    ...preset,
    apiHost: fill(preset.apiHost),
    paths: Object.fromEntries(
      Object.entries(preset.paths).map(([name, path]) => [name, path === null ? null : fill(path)]),
    ),
    ...(preset.anthropicBase === undefined ? {} : { anthropicBase: fill(preset.anthropicBase) }),
  };
}

/** What stands in the host where the template has places: each is one part of a name or path, never empty. */
function readPlaces(template: string, host: string): ReadonlyMap<string, string> | undefined {
  const names = [...template.matchAll(PLACE)].map(([, name]) => name ?? '');
  const pattern = template
    .split(PLACE)
    .map((part, at) => (at % 2 === 0 ? part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&') : '([^/{}]{1,200})'))
    .join('');
  const found = new RegExp(`^${pattern}$`).exec(host);
  return found === null ? undefined : new Map(names.map((name, at) => [name, found[at + 1] ?? '']));
}
