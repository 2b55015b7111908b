import type { ChatRequest, Extensions, JsonObject } from '@proxycast/spec';
import { ownFieldsOf } from './dialect.ts';

/** Fields that stand in every chunk of an answer, not only in one. */
const EVERYWHERE: ReadonlySet<string> = new Set(['service_tier', 'system_fingerprint', 'provider']);

export const isEverywhere = (name: string): boolean => EVERYWHERE.has(name);

/** What an answer says of itself in this dialect: in each of its chunks, and once. */
export function splitFields(holder: { readonly extensions?: Extensions }): {
  readonly everywhere: JsonObject;
  readonly once: JsonObject;
} {
  const everywhere: Record<string, unknown> = {};
  const once: Record<string, unknown> = {};
  const fields = ownFieldsOf(holder);
  for (const name in fields) (EVERYWHERE.has(name) ? everywhere : once)[name] = fields[name];
  return { everywhere, once };
}

/** A client that declared `functions` reads a call only where it was before `tools`. */
export function asksInOldForm(request: ChatRequest): boolean {
  return Array.isArray(ownFieldsOf(request).functions) && request.tools.every(isOldTool);
}

const isOldTool = (tool: ChatRequest['tools'][number]): boolean =>
  tool.type === 'server' || ownFieldsOf(tool).form === 'functions';
