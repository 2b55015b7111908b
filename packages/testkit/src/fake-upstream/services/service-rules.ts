import type { Operation } from '@proxycast/spec';
import type { JsonObject } from '../../json.ts';
import type { FakeEndpoint } from '../dialect.ts';
import type { MultipartPart } from '../multipart.ts';
import { checkFields, type FieldRow, type Finding } from '../rule.ts';
import {
  array,
  boolean,
  either,
  filledArray,
  filledString,
  integer,
  nullable,
  number,
  object,
  oneOf,
  string,
} from '../shape.ts';

/** The request types of the official client; `rerank` in the form Jina and Cohere share. Seen 2026-11-24. */
const SOURCE = 'openai 7.57.0, request types';

/** What OpenAI and its compatible services offer beside chat: design, "Client API". */
export const SERVICE_ENDPOINTS: readonly FakeEndpoint[] = [
  { method: 'POST', path: /^\/v1\/embeddings$/, operation: 'embeddings', body: 'json' },
  { method: 'POST', path: /^\/v1\/images\/generations$/, operation: 'images-generate', body: 'json' },
  { method: 'POST', path: /^\/v1\/images\/edits$/, operation: 'images-edit', body: 'form' },
  { method: 'POST', path: /^\/v1\/images\/variations$/, operation: 'images-vary', body: 'form' },
  { method: 'POST', path: /^\/v1\/audio\/speech$/, operation: 'audio-speech', body: 'json' },
  { method: 'POST', path: /^\/v1\/audio\/transcriptions$/, operation: 'audio-transcribe', body: 'form' },
  { method: 'POST', path: /^\/v1\/audio\/translations$/, operation: 'audio-translate', body: 'form' },
  { method: 'POST', path: /^\/v1\/rerank$/, operation: 'rerank', body: 'json' },
  { method: 'POST', path: /^\/v1\/moderations$/, operation: 'moderate', body: 'json' },
];

const model: FieldRow = { field: 'model', shape: filledString, isRequired: true, source: SOURCE };
const row = (field: string, shape: FieldRow['shape'], isRequired = false): FieldRow => ({
  field,
  shape,
  isRequired,
  source: SOURCE,
});

const JSON_FIELDS: Partial<Readonly<Record<Operation, readonly FieldRow[]>>> = {
  embeddings: [
    model,
    row('input', either(filledString, filledArray), true),
    row('encoding_format', oneOf('float', 'base64')),
    row('dimensions', integer(1)),
    row('user', string),
  ],
  'images-generate': [
    { ...model, isRequired: false },
    row('prompt', filledString, true),
    row('n', nullable(integer(1, 10))),
    row('size', nullable(string)),
    row('quality', nullable(string)),
    row('response_format', nullable(oneOf('url', 'b64_json'))),
    row('background', nullable(string)),
    row('moderation', nullable(string)),
    row('output_format', nullable(string)),
    row('output_compression', nullable(integer(0, 100))),
    row('partial_images', nullable(integer(0, 3))),
    row('stream', nullable(boolean)),
    row('style', nullable(string)),
    row('user', string),
  ],
  'audio-speech': [
    model,
    row('input', filledString, true),
    row('voice', either(filledString, object), true),
    row('instructions', string),
    row('response_format', oneOf('mp3', 'opus', 'aac', 'flac', 'wav', 'pcm')),
    row('speed', number(0.25, 4)),
    row('stream_format', oneOf('sse', 'audio')),
  ],
  rerank: [
    model,
    row('query', filledString, true),
    row('documents', filledArray, true),
    row('top_n', integer(1)),
    row('return_documents', boolean),
    row('max_chunks_per_doc', integer(1)),
  ],
  moderate: [{ ...model, isRequired: false }, row('input', either(filledString, array), true)],
};

export function checkServiceBody(body: JsonObject, operation: Operation): readonly Finding[] {
  return checkFields(body, {
    dialect: 'service',
    at: '',
    rows: JSON_FIELDS[operation] ?? [],
    refuseUnknown: { source: SOURCE, say: (field) => `Unknown parameter: '${field}'.` },
  });
}

interface FormRow {
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** Names that must carry a file. */
  readonly files: readonly string[];
}

const AUDIO_OPTIONAL = [
  'language',
  'prompt',
  'response_format',
  'temperature',
  'timestamp_granularities[]',
  'include[]',
  'stream',
  'chunking_strategy',
];

const FORM_FIELDS: Partial<Readonly<Record<Operation, FormRow>>> = {
  'images-edit': {
    required: ['image', 'prompt'],
    optional: [
      'model',
      'mask',
      'n',
      'size',
      'quality',
      'response_format',
      'background',
      'user',
      'input_fidelity',
      'output_format',
    ],
    files: ['image', 'mask'],
  },
  'images-vary': { required: ['image'], optional: ['model', 'n', 'size', 'response_format', 'user'], files: ['image'] },
  'audio-transcribe': { required: ['file', 'model'], optional: AUDIO_OPTIONAL, files: ['file'] },
  'audio-translate': { required: ['file', 'model'], optional: AUDIO_OPTIONAL, files: ['file'] },
};

export function checkServiceForm(parts: readonly MultipartPart[], operation: Operation): readonly Finding[] {
  const rows = FORM_FIELDS[operation];
  if (rows === undefined) return [];
  const say = (name: string, message: string): Finding => ({
    rule: `service.${name}`,
    source: SOURCE,
    field: name,
    message,
  });
  // `image[]` is how the SDKs repeat a field.
  const base = (name: string) => (name === 'image[]' ? 'image' : name);
  const names = parts.map((part) => base(part.name));
  return [
    ...rows.required
      .filter((name) => !names.includes(name))
      .map((name) => say(name, `Missing required parameter: '${name}'.`)),
    ...parts
      .filter((part) => ![...rows.required, ...rows.optional].includes(base(part.name)))
      .map((part) => say(part.name, `Unknown parameter: '${part.name}'.`)),
    ...parts
      .filter(
        (part) => rows.files.includes(base(part.name)) && (part.fileName === undefined || part.bytes.length === 0),
      )
      .map((part) => say(part.name, `Invalid file '${part.name}': expected a file with content.`)),
    ...parts
      .filter(
        (part) =>
          part.name !== 'image[]' &&
          !part.name.endsWith('[]') &&
          names.indexOf(part.name) !== names.lastIndexOf(part.name),
      )
      .map((part) => say(part.name, `Duplicate parameter: '${part.name}'.`)),
  ];
}
