import type { FieldRow } from '../rule.ts';
import {
  anything,
  array,
  boolean,
  either,
  filledArray,
  filledString,
  integer,
  listOf,
  nullable,
  number,
  object,
  oneOf,
  string,
  text,
} from '../shape.ts';

const REQUEST = 'protocols.md 5.1';
const base64 = text(/^[A-Za-z0-9+/_-]*={0,2}$/);
/** Starts with a letter or underscore. */
export const FUNCTION_NAME = /^[A-Za-z_][A-Za-z0-9_.:-]{0,127}$/;
const level = oneOf(...['MINIMAL', 'LOW', 'MEDIUM', 'HIGH'].flatMap((name) => [name, name.toLowerCase()]));

const row = (field: string, shape: FieldRow['shape'], isRequired = false): FieldRow => ({
  field,
  shape,
  isRequired,
  source: REQUEST,
});

export const GENERATE_FIELDS: readonly FieldRow[] = [
  row('contents', filledArray, true),
  // Let through when it repeats the path's model.
  row('model', string),
  row('systemInstruction', nullable(either(object, string))),
  row('tools', nullable(array)),
  row('toolConfig', nullable(object)),
  row('safetySettings', nullable(array)),
  row('generationConfig', nullable(object)),
  row('cachedContent', nullable(string)),
  row('labels', nullable(object)),
  row('serviceTier', nullable(string)),
  row('modelArmorConfig', nullable(object)),
];

export const COUNT_FIELDS: readonly FieldRow[] = [row('contents', filledArray), row('generateContentRequest', object)];

/** Vertex takes fields of the request itself; recorded: pyd-google-vertexai-count-tokens. */
export const VERTEX_COUNT_FIELDS: readonly FieldRow[] = [
  row('model', string),
  ...GENERATE_FIELDS.filter(({ field }) =>
    ['contents', 'systemInstruction', 'tools', 'generationConfig'].includes(field),
  ),
];

export const EMBED_FIELDS: readonly FieldRow[] = [
  row('content', object, true),
  row('model', string),
  row('taskType', string),
  row('title', string),
  row('outputDimensionality', integer(1)),
  row('embedContentConfig', object),
];

export const BATCH_EMBED_FIELDS: readonly FieldRow[] = [row('requests', filledArray, true)];

export const CONTENT_FIELDS: readonly FieldRow[] = [
  row('role', oneOf('user', 'model', 'function', '')),
  row('parts', filledArray, true),
];

/** Exactly one of these in each part. */
export const PART_DATA: readonly FieldRow[] = [
  row('text', string),
  row('inlineData', object),
  row('fileData', object),
  row('functionCall', object),
  row('functionResponse', object),
  row('executableCode', object),
  row('codeExecutionResult', object),
  row('toolCall', object),
  row('toolResponse', object),
];

export const PART_FIELDS: readonly FieldRow[] = [
  ...PART_DATA,
  row('thought', boolean),
  row('thoughtSignature', base64),
  row('videoMetadata', object),
  row('mediaResolution', anything),
  row('partMetadata', anything),
];

export const BLOB_FIELDS: readonly FieldRow[] = [
  row('mimeType', filledString, true),
  row('data', base64, true),
  row('displayName', string),
];

export const FILE_FIELDS: readonly FieldRow[] = [
  row('mimeType', string),
  row('fileUri', filledString, true),
  row('displayName', string),
];

export const CALL_FIELDS: readonly FieldRow[] = [
  row('id', nullable(string)),
  row('name', text(FUNCTION_NAME), true),
  row('args', nullable(object)),
  row('partialArgs', array),
  row('willContinue', boolean),
];

export const RESPONSE_FIELDS: readonly FieldRow[] = [
  row('id', nullable(string)),
  row('name', text(FUNCTION_NAME), true),
  row('response', object, true),
  row('parts', array),
  row('willContinue', boolean),
  row('scheduling', string),
];

export const TOOL_FIELDS: readonly FieldRow[] = [
  row('functionDeclarations', array),
  row('googleSearch', object),
  row('googleSearchRetrieval', object),
  row('codeExecution', object),
  row('urlContext', object),
  row('fileSearch', object),
  row('googleMaps', object),
  row('computerUse', object),
  row('mcpServers', array),
];

export const DECLARATION_FIELDS: readonly FieldRow[] = [
  row('name', text(FUNCTION_NAME), true),
  row('description', string),
  row('parameters', nullable(object)),
  row('parametersJsonSchema', anything),
  row('response', object),
  row('responseJsonSchema', anything),
  row('behavior', string),
];

export const CALLING_FIELDS: readonly FieldRow[] = [
  row('mode', text(/^(AUTO|ANY|NONE|VALIDATED|MODE_UNSPECIFIED)$/i)),
  row('allowedFunctionNames', listOf(string)),
  row('streamFunctionCallArguments', boolean),
];

export const GENERATION_FIELDS: readonly FieldRow[] = [
  row('temperature', number(0, 2)),
  row('topP', number(0, 1)),
  row('topK', number(0)),
  row('candidateCount', integer(1, 8)),
  row('maxOutputTokens', integer(1)),
  row('stopSequences', listOf(string, 5)),
  row('seed', integer()),
  row('presencePenalty', number()),
  row('frequencyPenalty', number()),
  row('responseMimeType', string),
  row('responseSchema', object),
  row('responseJsonSchema', anything),
  row('responseLogprobs', boolean),
  row('logprobs', integer(0, 20)),
  row('responseModalities', listOf(string)),
  row('thinkingConfig', object),
  row('mediaResolution', string),
  row('speechConfig', object),
  row('imageConfig', object),
  row('enableEnhancedCivicAnswers', boolean),
];

export const THINKING_FIELDS: readonly FieldRow[] = [
  row('includeThoughts', boolean),
  row('thinkingBudget', integer(-1)),
  row('thinkingLevel', level),
];

/** What the OpenAPI form of a schema may hold; anything else is an unknown name. */
export const SCHEMA_KEYS = [
  'type',
  'format',
  'title',
  'description',
  'nullable',
  'enum',
  'items',
  'minItems',
  'maxItems',
  'properties',
  'required',
  'propertyOrdering',
  'minProperties',
  'maxProperties',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'pattern',
  'anyOf',
  'default',
  'example',
];
