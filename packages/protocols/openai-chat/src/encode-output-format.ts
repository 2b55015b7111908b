import { hashText } from '@proxycast/conversion';
import type { ChatRequest, JsonObject, OutputFormat, ReportChange } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import type { ChatQuirks } from './chat-variant.ts';
import { DIALECT } from './dialect.ts';
import { isStrictSchema } from './is-strict-schema.ts';

export interface EncodedFormat {
  readonly fields: JsonObject;
  /** What the model has to be told in words, since the service cannot be told. */
  readonly instruction?: string;
}

const NOTHING: EncodedFormat = { fields: {} };

export function encodeOutputFormat(
  { output, protocol }: ChatRequest,
  own: JsonObject,
  { quirks, report }: { readonly quirks: ChatQuirks; readonly report: ReportChange },
): EncodedFormat {
  if (isObject(own.response_format)) return { fields: { response_format: own.response_format } };
  if (output === undefined) return NOTHING;
  const isOwn = protocol === DIALECT;
  const { responseFormats: known } = quirks;
  switch (output.type) {
    case 'text':
      return known.length === 0 ? NOTHING : { fields: { response_format: { type: 'text' } } };
    case 'json':
      if (known.includes('json_object')) return { fields: { response_format: { type: 'json_object' } } };
      report('response_format', 'changed');
      return { fields: {}, instruction: 'Answer with one JSON object and nothing else.' };
    case 'schema':
      if (known.includes('json_schema')) return { fields: { response_format: schemaFormat(output, isOwn, report) } };
      report('response_format', 'changed');
      return {
        fields: known.includes('json_object') ? { response_format: { type: 'json_object' } } : {},
        instruction: `Answer with one JSON object and nothing else. It must match this JSON schema:\n${JSON.stringify(output.schema)}`,
      };
  }
}

function schemaFormat(
  output: Extract<OutputFormat, { type: 'schema' }>,
  isOwn: boolean,
  report: ReportChange,
): JsonObject {
  const { name, schema, isStrict, description } = output;
  const isLoose = !isOwn && isStrict === true && !isStrictSchema(schema);
  if (isLoose) report('response_format', 'changed');
  return {
    type: 'json_schema',
    json_schema: {
      // Some services do without a name.
      ...(name === undefined && isOwn ? {} : { name: fitName(name ?? 'response') }),
      schema,
      ...(isStrict === undefined ? {} : { strict: isStrict && !isLoose }),
      ...(description === undefined ? {} : { description }),
    },
  };
}

function fitName(name: string): string {
  if (/^[a-zA-Z0-9_-]{1,64}$/.test(name)) return name;
  return `${name.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, 55)}_${hashText(name, 8)}`;
}
