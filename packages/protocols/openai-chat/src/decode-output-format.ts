import type { OutputFormat } from '@proxycast/spec';
import { isObject, textOf } from '@proxycast/wire';
import { invalidField } from './invalid-field.ts';

/** `undefined` for a format only one service knows. */
export function decodeOutputFormat(format: unknown): OutputFormat | undefined {
  if (format === undefined || format === null) return undefined;
  if (!isObject(format)) throw invalidField('response_format', "'response_format' must be an object with a type.");
  switch (format.type) {
    case 'text':
      return { type: 'text' };
    case 'json_object':
      // Several services take the schema here too.
      return isObject(format.schema) ? { type: 'schema', schema: format.schema } : { type: 'json' };
    case 'json_schema': {
      const { json_schema: held } = format;
      if (!isObject(held)) {
        throw invalidField('response_format.json_schema', "'response_format.json_schema' is required.");
      }
      const { name, schema, strict, description } = held;
      return {
        type: 'schema',
        schema: isObject(schema) ? schema : {},
        ...(textOf(name) === undefined ? {} : { name: String(name) }),
        ...(typeof description === 'string' ? { description } : {}),
        ...(typeof strict === 'boolean' ? { isStrict: strict } : {}),
      };
    }
    default:
      return undefined;
  }
}
