import type { JsonObject, OutputFormat } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';

export function decodeOutputFormat(format: unknown): OutputFormat | undefined {
  if (!isObject(format)) return undefined;
  switch (format['type']) {
    case 'text':
      return { type: 'text' };
    case 'json_object':
      return { type: 'json' };
    case 'json_schema':
      return isObject(format['schema']) ? schemaOf(format, format['schema']) : undefined;
    default:
      return undefined;
  }
}

function schemaOf({ name, description, strict }: JsonObject, schema: JsonObject): OutputFormat {
  return {
    type: 'schema',
    schema,
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof description === 'string' ? { description } : {}),
    ...(typeof strict === 'boolean' ? { isStrict: strict } : {}),
  };
}
