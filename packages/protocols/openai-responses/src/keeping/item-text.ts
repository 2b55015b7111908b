import type { JsonObject } from '@proxycast/spec';
import { isObject, parseJson } from '@proxycast/wire';

/** Items as values. What is no list of objects has none. */
export function parseItems(items: string): readonly JsonObject[] {
  const parsed = parseJson(`[${items}]`);
  return Array.isArray(parsed) ? parsed.filter(isObject) : [];
}

export const joinItems = (items: readonly unknown[]): string => items.map((item) => JSON.stringify(item)).join(',');
