import type { SchemaFault } from './find-schema-faults.ts';
import { findSchemaFaults } from './find-schema-faults.ts';
import type { SchemaOf } from './json-schema.ts';

export type SchemaReading<Value> =
  | { readonly type: 'valid'; readonly value: Value }
  | { readonly type: 'invalid'; readonly faults: readonly SchemaFault[] };

/** The one place where a value of unknown shape becomes one of a schema's. */
export function readSchema<Value>(schema: SchemaOf<Value>, value: unknown): SchemaReading<Value> {
  const faults = findSchemaFaults(schema, value);
  return faults.length === 0 ? { type: 'valid', value: value as Value } : { type: 'invalid', faults };
}
