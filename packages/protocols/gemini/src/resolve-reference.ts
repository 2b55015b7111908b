import type { JsonObject } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';

/** What a `$ref` inside the same document points at; `undefined` for every other, and for one that leads nowhere. */
export function resolveReference(root: JsonObject, reference: string): JsonObject | undefined {
  if (reference === '#') return root;
  if (!reference.startsWith('#/')) return undefined;
  let value: unknown = root;
  for (const token of reference.slice(2).split('/')) {
    const name = decodeToken(token);
    if (Array.isArray(value)) value = /^\d{1,6}$/.test(name) ? value[Number(name)] : undefined;
    else value = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  }
  return isObject(value) ? value : undefined;
}

function decodeToken(token: string): string {
  let text = token;
  try {
    text = decodeURIComponent(token);
  } catch {
    // A name with a per cent sign of its own.
  }
  return text.replaceAll('~1', '/').replaceAll('~0', '~');
}
