import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { findIncompatibilities } from './find-incompatibilities.ts';
import { type PluginContract, renderContract } from './render-contract.ts';
import type { JsonSchema } from './schema/json-schema.ts';

/** Released versions. A file here never changes once its version is out. */
const RELEASED = ['contract-1.json'];

function readReleased(name: string): PluginContract {
  const released: PluginContract = JSON.parse(readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8'));
  return released;
}

test.each(RELEASED)('plugins made for %s get on with this host', (name) => {
  expect(findIncompatibilities(readReleased(name), renderContract())).toEqual([]);
});

test('every schema is plain JSON: no code, nothing lost in writing', () => {
  const contract = renderContract();
  expect(JSON.parse(JSON.stringify(contract))).toEqual(contract);
  expect(Object.keys(contract.schemas).length).toBeGreaterThan(60);
});

describe('an incompatible change is seen', () => {
  const base = {
    type: 'object',
    properties: {
      name: { type: 'string', maxLength: 10 },
      kind: { enum: ['a', 'b'] },
      count: { type: 'integer', minimum: 0 },
      note: { type: 'string' },
    },
    required: ['name', 'kind'],
  } as const satisfies JsonSchema;
  const contractOf = (writtenBy: 'plugin' | 'host', schema: JsonSchema): PluginContract => ({
    version: 1,
    schemas: { thing: { writtenBy, schema } },
  });
  const { name: _name, ...withoutName } = base.properties;

  test.each([
    { who: 'plugin', what: 'a new required field', now: { ...base, required: ['name', 'kind', 'note'] } },
    { who: 'plugin', what: 'a field gone', now: { ...base, properties: withoutName, required: ['kind'] } },
    { who: 'plugin', what: 'a word less', now: with_({ kind: { enum: ['a'] } }) },
    { who: 'plugin', what: 'a shorter text', now: with_({ name: { type: 'string', maxLength: 5 } }) },
    { who: 'plugin', what: 'another type', now: with_({ count: { type: 'string' } }) },
    { who: 'plugin', what: 'a new pattern', now: with_({ note: { type: 'string', pattern: '^x' } }) },
    { who: 'plugin', what: 'a higher minimum', now: with_({ count: { type: 'integer', minimum: 1 } }) },
    { who: 'host', what: 'a field become optional', now: { ...base, required: ['name'] } },
    { who: 'host', what: 'a new word', now: with_({ kind: { enum: ['a', 'b', 'c'] } }) },
    { who: 'host', what: 'a longer text', now: with_({ name: { type: 'string', maxLength: 20 } }) },
    { who: 'host', what: 'a wider number', now: with_({ count: { type: 'number', minimum: 0 } }) },
  ] as const)('$what in what the $who writes', ({ who, now }) => {
    expect(findIncompatibilities(contractOf(who, base), contractOf(who, now))).toHaveLength(1);
  });

  test.each([
    { who: 'plugin', what: 'a field become optional', now: { ...base, required: ['name'] } },
    { who: 'plugin', what: 'a new optional field', now: with_({ more: { type: 'string' } }) },
    { who: 'plugin', what: 'a new word', now: with_({ kind: { enum: ['a', 'b', 'c'] } }) },
    { who: 'plugin', what: 'a wider number', now: with_({ count: { type: 'number', minimum: 0 } }) },
    { who: 'host', what: 'a new required field', now: { ...base, required: ['name', 'kind', 'note'] } },
    { who: 'host', what: 'a word less', now: with_({ kind: { enum: ['a'] } }) },
  ] as const)('and $what in what the $who writes is none', ({ who, now }) => {
    expect(findIncompatibilities(contractOf(who, base), contractOf(who, now))).toEqual([]);
  });

  const variants = (...tags: string[]): JsonSchema => ({
    anyOf: tags.map((tag) => ({ type: 'object', properties: { type: { const: tag } }, required: ['type'] })),
    discriminator: { propertyName: 'type' },
  });
  test.each([
    { who: 'plugin', from: ['a', 'b'], to: ['a'], isSeen: true },
    { who: 'plugin', from: ['a'], to: ['a', 'b'], isSeen: false },
    { who: 'host', from: ['a'], to: ['a', 'b'], isSeen: true },
    { who: 'host', from: ['a', 'b'], to: ['a'], isSeen: false },
  ] as const)('forms $from become $to in what the $who writes: $isSeen', ({ who, from, to, isSeen }) => {
    const found = findIncompatibilities(contractOf(who, variants(...from)), contractOf(who, variants(...to)));
    expect(found.length > 0).toBe(isSeen);
  });

  test('a method that is gone', () => {
    expect(findIncompatibilities(contractOf('host', base), { version: 1, schemas: {} })).toEqual(['thing is gone']);
  });

  function with_(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
    return { ...base, properties: { ...base.properties, ...properties } };
  }
});
