import type { OutputFormat } from '@proxycast/spec';
import { isObject, type JsonObject } from '@proxycast/wire';
import { isEffort } from './decode-reasoning.ts';
import { fieldsBeside } from './dialect.ts';

export interface DecodedOutput {
  readonly output?: OutputFormat;
  /** What of `output_config` only this dialect says. */
  readonly config?: JsonObject;
  /** The same of `output_format`, an older name for `output_config.format`; present wherever that was sent. */
  readonly format?: JsonObject;
}

/** `output_config` without its effort, and `output_format`. */
export function decodeOutput(config: unknown, format: unknown): DecodedOutput {
  const older = readFormat(format);
  if (!isObject(config)) return older === undefined ? {} : { output: older.output, format: older.fields };
  const newer = readFormat(config.format);
  const known = new Set([...(isEffort(config.effort) ? ['effort'] : []), ...(newer === undefined ? [] : ['format'])]);
  const rest = fieldsBeside(config, known);
  const fields = newer === undefined || isEmpty(newer.fields) ? rest : { ...rest, format: newer.fields };
  const output = newer?.output ?? older?.output;
  return {
    ...(output === undefined ? {} : { output }),
    ...(isEmpty(fields) ? {} : { config: fields }),
    ...(older === undefined ? {} : { format: older.fields }),
  };
}

const FORMAT = new Set(['type', 'schema']);

/** `undefined` for another kind of format, which travels as it is. */
function readFormat(format: unknown): { readonly output: OutputFormat; readonly fields: JsonObject } | undefined {
  if (!isObject(format) || format.type !== 'json_schema' || !isObject(format.schema)) return undefined;
  return { output: { type: 'schema', schema: format.schema }, fields: fieldsBeside(format, FORMAT) };
}

const isEmpty = (fields: JsonObject): boolean => Object.keys(fields).length === 0;
