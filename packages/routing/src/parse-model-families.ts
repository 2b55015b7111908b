import { parseProtocolId, parseProviderId } from '@proxycast/spec';
import type { ModelFamily } from './routing-table.ts';

/** Reads `model-families.json`. Throws a TypeError that names the row when it has another shape. */
export function parseModelFamilies(data: unknown): readonly ModelFamily[] {
  if (!Array.isArray(data)) throw new TypeError('The model families must be an array.');
  return data.map((row: unknown, index) => {
    const fields = typeof row === 'object' && row !== null ? Object.fromEntries(Object.entries(row)) : {};
    const texts = (name: string): readonly string[] => {
      const value: unknown = fields[name];
      if (Array.isArray(value) && value.every((text) => typeof text === 'string')) return value;
      throw new TypeError(`Model family ${index} must have an array of strings "${name}".`);
    };
    return {
      patterns: texts('patterns'),
      protocols: texts('protocols').map(parseProtocolId),
      providers: texts('providers').map(parseProviderId),
    };
  });
}
