import type { PluginContract } from './render-contract.ts';
import type { JsonSchema } from './schema/json-schema.ts';

/** Who writes values that the other reads. A new host meets old plugins, so: what the plugin writes, the host reads. */
type Writer = 'plugin' | 'host';

/**
 * Why plugins made for `released` would not get on with a host of `current`; empty when they would.
 *
 * What a plugin writes must still be taken: no new required field, no narrower type, bound or set of words. What the
 * host writes must still be understood: no field gone or become optional, no wider type, bound or set of words.
 */
export function findIncompatibilities(released: PluginContract, current: PluginContract): readonly string[] {
  const found: string[] = [];
  for (const [name, { writtenBy, schema }] of Object.entries(released.schemas)) {
    const now = current.schemas[name];
    if (now === undefined) {
      found.push(`${name} is gone`);
      continue;
    }
    if (writtenBy !== 'host') compare(schema, now.schema, 'plugin', name, found);
    if (writtenBy !== 'plugin') compare(schema, now.schema, 'host', name, found);
  }
  return [...new Set(found)];
}

function compare(old: JsonSchema, now: JsonSchema, writer: Writer, path: string, found: string[]): void {
  const note = (what: string): void => void found.push(`${path}: ${what}`);
  // Seen from the reader: `wide` has to hold everything `narrow` does.
  const [narrow, wide] = writer === 'plugin' ? [old, now] : [now, old];

  if (wide.type !== undefined && wide.type !== narrow.type && !(wide.type === 'number' && narrow.type === 'integer')) {
    note(`the type was ${old.type ?? 'anything'} and is ${now.type ?? 'anything'}`);
  }
  if (wide.const !== undefined && wide.const !== narrow.const) note('another literal');
  if (wide.enum !== undefined) {
    const missing = (narrow.enum ?? ['anything']).filter((one) => wide.enum?.includes(one) !== true);
    if (missing.length > 0) note(`words that the reader does not know: ${missing.join(', ')}`);
  }
  for (const bound of ['maxLength', 'maximum', 'maxItems', 'maxProperties'] as const) {
    if ((wide[bound] ?? Infinity) < (narrow[bound] ?? Infinity)) note(`${bound} is too low for one side`);
  }
  for (const bound of ['minLength', 'minimum', 'minItems'] as const) {
    if ((wide[bound] ?? -Infinity) > (narrow[bound] ?? -Infinity)) note(`${bound} is too high for one side`);
  }
  if (wide.pattern !== undefined && wide.pattern !== narrow.pattern) note('another pattern');

  compareFields(old, now, writer, path, found);
  if (old.items !== undefined && now.items !== undefined) compare(old.items, now.items, writer, `${path}[]`, found);
  if (old.additionalProperties !== undefined && now.additionalProperties !== undefined) {
    compare(old.additionalProperties, now.additionalProperties, writer, `${path}.*`, found);
  }
  compareMembers(old, now, writer, path, found);
}

function compareFields(old: JsonSchema, now: JsonSchema, writer: Writer, path: string, found: string[]): void {
  const [narrow, wide] = writer === 'plugin' ? [old, now] : [now, old];
  for (const name of wide.required ?? []) {
    if (narrow.required?.includes(name) !== true) {
      found.push(
        `${path}.${name}: ${writer === 'plugin' ? 'is required now' : 'was always there and need not be now'}`,
      );
    }
  }
  const properties = now.properties ?? {};
  for (const [name, field] of Object.entries(old.properties ?? {})) {
    const current = properties[name];
    if (current !== undefined) compare(field, current, writer, `${path}.${name}`, found);
    else found.push(`${path}.${name}: is gone`);
  }
}

function compareMembers(old: JsonSchema, now: JsonSchema, writer: Writer, path: string, found: string[]): void {
  if (old.anyOf === undefined && now.anyOf === undefined) return;
  const tag = old.discriminator?.propertyName ?? now.discriminator?.propertyName ?? 'type';
  const tagOf = (schema: JsonSchema): string => schema.properties?.[tag]?.const ?? '';
  const oldMembers = new Map((old.anyOf ?? []).map((member) => [tagOf(member), member]));
  const nowMembers = new Map((now.anyOf ?? []).map((member) => [tagOf(member), member]));
  for (const [name, member] of oldMembers) {
    const current = nowMembers.get(name);
    if (current !== undefined) compare(member, current, writer, `${path}<${name}>`, found);
    // What nobody writes any more nobody misses.
    else if (writer === 'plugin') found.push(`${path}<${name}>: is not taken any more`);
  }
  if (writer === 'plugin') return;
  for (const name of nowMembers.keys()) {
    if (!oldMembers.has(name)) found.push(`${path}<${name}>: a form that the reader does not know`);
  }
}
