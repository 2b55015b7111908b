import type { ChatRequest, Effort, ReportChange } from '@proxycast/spec';
import { isObject, type JsonObject } from '@proxycast/wire';
import { closeSchema } from './close-schema.ts';
import { ownFields, ownObject } from './dialect.ts';
import type { ModelTraits } from './model-traits.ts';

export interface EncodedOutput {
  readonly fields: JsonObject;
  /** What the system text has to say where the dialect has no field. */
  readonly instruction?: string;
}

const FIELD = 'response_format';
const ANY_JSON = 'Answer with one valid JSON object and nothing else: no other words, no Markdown fence.';

/** `output_config`, or `output_format` where the client used the older name. */
export function encodeOutput(
  { output, extensions }: ChatRequest,
  effort: Effort | undefined,
  { traits, isOwn, report }: { readonly traits: ModelTraits; readonly isOwn: boolean; readonly report: ReportChange },
): EncodedOutput {
  const { format: ownFormat, ...own } = ownObject(extensions, 'output_config');
  const config = { ...own, ...(effort === undefined ? {} : { effort }) };
  if (output === undefined || output.type === 'text') {
    return { fields: asConfig(ownFormat === undefined ? config : { ...config, format: ownFormat }) };
  }
  if (output.type === 'json') {
    report(FIELD, 'changed');
    return { fields: asConfig(config), instruction: ANY_JSON };
  }
  const schema = closeSchema(output.schema);
  if (!isOwn && !traits.takesSchemas) {
    report(FIELD, 'changed');
    return {
      fields: asConfig(config),
      instruction: `${ANY_JSON} It must match this JSON Schema:\n${JSON.stringify(schema)}`,
    };
  }
  if (schema !== output.schema) report(FIELD, 'changed');
  const format = { type: 'json_schema', schema, ...(isObject(ownFormat) ? ownFormat : {}) };
  const older = ownFields(extensions).output_format;
  if (isObject(older)) return { fields: { ...asConfig(config), output_format: { ...format, ...older } } };
  return { fields: { output_config: { ...config, format } } };
}

const asConfig = (config: JsonObject): JsonObject =>
  Object.keys(config).length === 0 ? {} : { output_config: config };
