import { type JsonObject, type OutputFormat, type ReportChange, unreachable } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { isStrictSchema } from './is-strict-schema.ts';

export interface EncodedFormat {
  readonly format?: JsonObject;
  /** What has to be said in words instead. */
  readonly instruction?: string;
}

/** `isOwn`: the client asked in this dialect, and what it asked is its own affair. */
export function encodeOutputFormat(
  output: OutputFormat | undefined,
  isOwn: boolean,
  report: ReportChange,
): EncodedFormat {
  if (output === undefined) return {};
  switch (output.type) {
    case 'text':
      return isOwn ? { format: { type: 'text' } } : {};
    case 'json':
      return { format: { type: 'json_object' } };
    case 'schema':
      return encodeSchema(output, isOwn, report);
    default:
      return unreachable(output);
  }
}

type SchemaOutput = Extract<OutputFormat, { readonly type: 'schema' }>;

function encodeSchema(output: SchemaOutput, isOwn: boolean, report: ReportChange): EncodedFormat {
  const { name, description, isStrict } = output;
  const schema = isOwn ? output.schema : withoutReferenceAtTop(output.schema);
  if (!isOwn && !isOfObject(schema)) {
    report('output_format', 'changed');
    return {
      instruction: `Answer with nothing but JSON that matches this JSON Schema:\n${JSON.stringify(schema)}`,
    };
  }
  const isTaken = isOwn || isStrict !== true || isStrictSchema(schema);
  if (!isTaken) report('output_format.strict', 'changed');
  const strict = isTaken ? isStrict : false;
  return {
    format: {
      type: 'json_schema',
      name: isOwn && name !== undefined ? name : nameOf(name),
      schema,
      ...(description === undefined ? {} : { description }),
      ...(strict === undefined && isOwn ? {} : { strict: strict ?? false }),
    },
  };
}

/** The service refuses any other type at the top. */
const isOfObject = ({ type, properties, anyOf, oneOf }: JsonObject): boolean =>
  type === 'object' || (type === undefined && properties !== undefined && anyOf === undefined && oneOf === undefined);

/** Recursive schemas are often nothing but a reference to one of their definitions; the service wants the object itself. */
function withoutReferenceAtTop(schema: JsonObject): JsonObject {
  const { $ref: reference, ...rest } = schema;
  if (typeof reference !== 'string') return schema;
  const [root, word, name, ...more] = reference.split('/');
  if (root !== '#' || word === undefined || name === undefined || more.length > 0) return schema;
  const definitions = schema[word];
  const definition = isObject(definitions) ? definitions[name] : undefined;
  return isObject(definition) ? { ...definition, ...rest } : schema;
}

const MAX_NAME_CHARACTERS = 64;

function nameOf(name: string | undefined): string {
  const fitted = (name ?? '').replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, MAX_NAME_CHARACTERS);
  return fitted === '' ? 'answer' : fitted;
}
