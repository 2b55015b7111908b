import type { IncomingHttpHeaders } from 'node:http';

/** Picks the headers of an answer that travel to the client, as name, value, name, value. */
export type HeaderFilter = (headers: IncomingHttpHeaders) => string[];

// An upstream sends some twenty names; one that makes up new ones must not grow the memory.
const MAX_REMEMBERED_NAMES = 500;

export function createHeaderFilter(prefixes: readonly string[]): HeaderFilter {
  const decisions = new Map<string, boolean>();
  const passes = (name: string): boolean => {
    let decision = decisions.get(name);
    if (decision === undefined) {
      decision = prefixes.some((prefix) => name.startsWith(prefix));
      if (decisions.size >= MAX_REMEMBERED_NAMES) decisions.clear();
      decisions.set(name, decision);
    }
    return decision;
  };
  return (headers) => {
    const picked: string[] = [];
    for (const name in headers) {
      if (!passes(name)) continue;
      const value = headers[name];
      if (typeof value === 'string') picked.push(name, value);
      else if (value !== undefined) picked.push(name, value.join(', '));
    }
    return picked;
  };
}
