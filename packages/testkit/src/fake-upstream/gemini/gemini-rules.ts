import { isObject, isString, type JsonObject, objectsOf } from '../../json.ts';
import { mediaFault } from '../media-bytes.ts';
import { checkFields, type FieldRow, type Finding, type Rule } from '../rule.ts';
import {
  BLOB_FIELDS,
  CALL_FIELDS,
  CALLING_FIELDS,
  CONTENT_FIELDS,
  DECLARATION_FIELDS,
  FILE_FIELDS,
  GENERATION_FIELDS,
  PART_DATA,
  PART_FIELDS,
  RESPONSE_FIELDS,
  SCHEMA_KEYS,
  THINKING_FIELDS,
  TOOL_FIELDS,
} from './gemini-fields.ts';
import { camelCase, readField } from './gemini-names.ts';

const REQUEST = 'protocols.md 5.1';
const ORDER = 'protocols.md 9.2';
const SCHEMA = 'protocols.md 9.6';
/** The service's own files, its storage, and films: protocols.md 5.1. */
const FILE_URI =
  /^(gs:\/\/|https:\/\/generativelanguage\.googleapis\.com\/|https:\/\/storage\.googleapis\.com\/|https:\/\/(www\.|m\.)?youtu)/;

/** https://ai.google.dev/gemini-api/docs, pages on images, documents, audio and video, seen 2026-11-25. GIF is not among them. */
const INLINE_TYPE =
  /^(image\/(png|jpeg|webp|heic|heif)|application\/(pdf|json|xml|rtf|(x-)?javascript|x-python)|text\/[a-z-]+|audio\/[a-z0-9-]+|video\/[a-z0-9-]+)$/;

export function unknownName(field: string, at: string): string {
  const place = at === '' ? '' : ` at '${at}'`;
  return `Invalid JSON payload received. Unknown name "${field}"${place}: Cannot find field.`;
}

/** One object against its table, in either spelling. */
export function checkGeminiFields(object: JsonObject, at: string, rows: readonly FieldRow[]): readonly Finding[] {
  return checkFields(object, {
    dialect: 'ge',
    at,
    rows,
    // As protobuf's JSON form has it; recorded: llmg-tools.0.
    isNullAbsent: true,
    read: readField,
    canonical: camelCase,
    refuseUnknown: { source: REQUEST, say: (field) => unknownName(field.split('.').at(-1) ?? field, at) },
  });
}

/** Fields of everything below the top level. */
export function checkGeminiParts(body: JsonObject): readonly Finding[] {
  const findings: Finding[] = [];
  const check = (object: unknown, at: string, rows: readonly FieldRow[]) => {
    if (isObject(object)) findings.push(...checkGeminiFields(object, at, rows));
  };
  for (const [index, content] of objectsOf(readField(body, 'contents')).entries()) {
    check(content, `contents[${index}]`, CONTENT_FIELDS);
    findings.push(...checkParts(content, `contents[${index}]`));
  }
  const system = readField(body, 'systemInstruction');
  if (isObject(system)) findings.push(...checkParts(system, 'system_instruction'));
  for (const [index, tool] of objectsOf(readField(body, 'tools')).entries()) {
    check(tool, `tools[${index}]`, TOOL_FIELDS);
    for (const [position, declaration] of objectsOf(readField(tool, 'functionDeclarations')).entries()) {
      const at = `tools[${index}].function_declarations[${position}]`;
      check(declaration, at, DECLARATION_FIELDS);
      findings.push(...checkSchema(readField(declaration, 'parameters'), `${at}.parameters`));
    }
  }
  const config = readField(body, 'generationConfig');
  if (isObject(config)) {
    check(config, 'generation_config', GENERATION_FIELDS);
    check(readField(config, 'thinkingConfig'), 'generation_config.thinking_config', THINKING_FIELDS);
    findings.push(...checkSchema(readField(config, 'responseSchema'), 'generation_config.response_schema'));
  }
  const toolConfig = readField(body, 'toolConfig');
  if (isObject(toolConfig))
    check(readField(toolConfig, 'functionCallingConfig'), 'tool_config.function_calling_config', CALLING_FIELDS);
  return findings;
}

function checkParts(content: JsonObject, at: string): readonly Finding[] {
  return objectsOf(readField(content, 'parts')).flatMap((part, index) => {
    const place = `${at}.parts[${index}]`;
    const held = PART_DATA.filter((row) => readField(part, row.field) !== undefined);
    const isBare = held.length === 0 && readField(part, 'thoughtSignature') === undefined;
    const inner = (field: string, rows: readonly FieldRow[]) => {
      const value = readField(part, field);
      return isObject(value) ? checkGeminiFields(value, `${place}.${field}`, rows) : [];
    };
    return [
      ...checkGeminiFields(part, place, PART_FIELDS),
      ...(isBare || held.length > 1
        ? [
            {
              rule: 'ge.part-data',
              source: REQUEST,
              field: place,
              message: `${place}.data: required oneof field 'data' must have one initialized field`,
            },
          ]
        : []),
      ...inner('inlineData', BLOB_FIELDS),
      ...inner('fileData', FILE_FIELDS),
      ...inner('functionCall', CALL_FIELDS),
      ...inner('functionResponse', RESPONSE_FIELDS),
    ];
  });
}

/** Only schema positions: a property called `const` is data. */
function checkSchema(schema: unknown, at: string): readonly Finding[] {
  if (!isObject(schema)) return [];
  const fail = (rule: string, message: string): Finding => ({ rule, source: SCHEMA, field: at, message });
  const findings: Finding[] = Object.keys(schema)
    .filter((key) => !SCHEMA_KEYS.includes(camelCase(key)))
    .map((key) => fail('ge.schema-keyword', unknownName(key, at)));
  const type = schema.type;
  // The enum's number is taken too; recorded: otel-function-call-choice.
  if (type !== undefined && !isString(type) && typeof type !== 'number') {
    findings.push(
      fail('ge.schema-type', `Invalid value at '${at}.type': Proto field is not repeating, cannot start list.`),
    );
  }
  const values = schema.enum;
  if (Array.isArray(values) && !values.every(isString)) {
    findings.push(fail('ge.schema-enum', `Invalid value at '${at}.enum' (TYPE_STRING)`));
  }
  if (Array.isArray(values) && values.includes('')) {
    findings.push(fail('ge.schema-enum', `${at}.enum: cannot be empty`));
  }
  const properties = isObject(schema.properties) ? schema.properties : {};
  for (const name of Array.isArray(schema.required) ? schema.required : []) {
    if (isString(name) && !(name in properties)) {
      findings.push(fail('ge.schema-required', `${at}.required: property is not defined`));
    }
  }
  const isArrayType = isString(type) && type.toUpperCase() === 'ARRAY';
  if (isArrayType && schema.items === undefined) findings.push(fail('ge.schema-items', `${at}.items: missing field.`));
  return [
    ...findings,
    ...Object.entries(properties).flatMap(([name, property]) => checkSchema(property, `${at}.properties.${name}`)),
    ...checkSchema(schema.items, `${at}.items`),
    ...objectsOf(readField(schema, 'anyOf')).flatMap((branch, index) => checkSchema(branch, `${at}.any_of[${index}]`)),
  ];
}

/** Rules over turns, tools and settings. */
export const GEMINI_RULES: readonly Rule[] = [
  {
    id: 'ge.first-turn-user',
    source: ORDER,
    find: (body) =>
      turnsOf(body)[0]?.role === 'model' ? 'Please ensure that multiturn requests start with a user turn.' : undefined,
  },
  {
    id: 'ge.call-after-user',
    source: REQUEST,
    find: (body) =>
      turnsOf(body).some(
        (turn, index, turns) =>
          turn.calls.length > 0 && turn.role === 'model' && (index === 0 || turns[index - 1]?.role !== 'user'),
      )
        ? 'Please ensure that function call turn comes immediately after a user turn or after a function response turn.'
        : undefined,
  },
  {
    id: 'ge.response-count',
    source: 'protocols.md 9.1',
    find: (body) =>
      turnsOf(body).flatMap((turn, index, turns) => {
        const next = turns[index + 1];
        if (turn.calls.length === 0) {
          return next !== undefined && next.responses.length > 0
            ? ['Please ensure that function response turn comes immediately after a function call turn.']
            : [];
        }
        if (next === undefined)
          return ['Please ensure that function call turn is followed by a function response turn.'];
        return next.responses.length === turn.calls.length
          ? []
          : [
              'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.',
            ];
      }),
  },
  {
    id: 'ge.response-first',
    source: 'protocols.md 9.1',
    find: (body) =>
      (turnsOf(body)[0]?.responses.length ?? 0) > 0
        ? 'Please ensure that function response turn comes immediately after a function call turn.'
        : undefined,
  },
  {
    id: 'ge.response-names',
    source: 'protocols.md 9.1',
    find: (body) =>
      turnsOf(body).flatMap((turn, index, turns) => {
        const answered = turns[index + 1]?.responses ?? [];
        const isSame = answered.every((name, position) => name === turn.calls[position]);
        return turn.calls.length === answered.length && !isSame
          ? ['Please ensure that function response parts follow the order and the names of the function call parts.']
          : [];
      }),
  },
  {
    id: 'ge.thinking-both',
    source: REQUEST,
    find(body) {
      const config = readField(body, 'generationConfig');
      const thinking = isObject(config) ? readField(config, 'thinkingConfig') : undefined;
      return isObject(thinking) &&
        readField(thinking, 'thinkingBudget') !== undefined &&
        readField(thinking, 'thinkingLevel') !== undefined
        ? 'You can only set only one of thinking budget and thinking level.'
        : undefined;
    },
  },
  {
    id: 'ge.allowed-names',
    source: REQUEST,
    find(body) {
      const toolConfig = readField(body, 'toolConfig');
      const calling = isObject(toolConfig) ? readField(toolConfig, 'functionCallingConfig') : undefined;
      if (!isObject(calling)) return undefined;
      const allowed = readField(calling, 'allowedFunctionNames');
      const mode = modeOf(calling);
      if (!Array.isArray(allowed) || allowed.length === 0) return undefined;
      if (mode !== 'ANY' && mode !== 'VALIDATED') {
        return 'Allowed function names should only be set when function calling mode is ANY or VALIDATED.';
      }
      const names = declaredNames(body);
      return allowed.every((name) => names.includes(name))
        ? undefined
        : 'Allowed function names must be names of declared functions.';
    },
  },
  {
    id: 'ge.any-without-tools',
    source: 'protocols.md 8.1',
    find(body) {
      const toolConfig = readField(body, 'toolConfig');
      const calling = isObject(toolConfig) ? readField(toolConfig, 'functionCallingConfig') : undefined;
      return isObject(calling) && modeOf(calling) === 'ANY' && declaredNames(body).length === 0
        ? 'Function calling mode is ANY but no function declarations are provided.'
        : undefined;
    },
  },
  {
    id: 'ge.names-unique',
    source: REQUEST,
    find(body) {
      const names = declaredNames(body);
      const doubled = names.find((name, position) => names.indexOf(name) !== position);
      return doubled === undefined ? undefined : `Duplicate function declaration found: ${String(doubled)}`;
    },
  },
  {
    id: 'ge.schema-mime',
    source: REQUEST,
    find(body) {
      const config = readField(body, 'generationConfig');
      if (!isObject(config)) return undefined;
      const hasSchema =
        readField(config, 'responseSchema') !== undefined || readField(config, 'responseJsonSchema') !== undefined;
      const mime = readField(config, 'responseMimeType');
      return hasSchema && mime !== 'application/json' && mime !== 'text/x.enum'
        ? 'Response schema is only supported with the response MIME type application/json or text/x.enum.'
        : undefined;
    },
  },
  {
    id: 'ge.signature',
    source: 'protocols.md 9.3',
    find: (body, { memory }) =>
      memory.checksSignatures
        ? objectsOf(readField(body, 'contents'))
            .flatMap((content) => objectsOf(readField(content, 'parts')))
            .map((part) => readField(part, 'thoughtSignature'))
            .filter(isString)
            .filter((signature) => !isPlaceholder(signature) && !memory.signatures.has(signature))
            .map(() => 'Thought signature is not valid.')
        : undefined,
  },
  {
    id: 'ge.signature-moved',
    source: 'protocols.md 9.3',
    find: (body, { memory }) =>
      memory.checksSignatures
        ? objectsOf(readField(body, 'contents'))
            .flatMap((content) => objectsOf(readField(content, 'parts')))
            .filter((part) => {
              const signature = readField(part, 'thoughtSignature');
              const signed = isString(signature) ? memory.signatures.get(signature) : undefined;
              const call = readField(part, 'functionCall');
              return signed !== undefined && signed !== '' && signed !== (isObject(call) ? call.name : undefined);
            })
            .map(() => 'Corrupted thought signature.')
        : undefined,
  },
  {
    // The first call of each step since the user last spoke; older models do not ask for it.
    id: 'ge.signature-missing',
    source: 'protocols.md 9.3',
    find(body, { head, memory }) {
      if (!memory.checksSignatures || !/gemini-3/.test(head.path)) return undefined;
      const contents = objectsOf(readField(body, 'contents'));
      const isSpoken = (content: JsonObject) =>
        content.role !== 'model' &&
        objectsOf(readField(content, 'parts')).every((part) => readField(part, 'functionResponse') === undefined);
      const steps = contents.slice(contents.findLastIndex(isSpoken) + 1).filter(({ role }) => role === 'model');
      return steps.flatMap((content) => {
        const first = objectsOf(readField(content, 'parts')).find((part) => isObject(readField(part, 'functionCall')));
        return first !== undefined && readField(first, 'thoughtSignature') === undefined
          ? ['Function call is missing a thought_signature in functionCall parts.']
          : [];
      });
    },
  },
  {
    id: 'ge.file-uri',
    source: 'protocols.md 9.7',
    // Vertex fetches other addresses itself; recorded: pyd-google-url-input-imageurl.
    find: (body, { head }) =>
      filePartsOf(body)
        .map((part) => readField(part, 'fileData'))
        .filter(isObject)
        .map((file) => readField(file, 'fileUri'))
        .filter((uri) => !head.path.includes('/publishers/') && isString(uri) && !FILE_URI.test(uri))
        .map((uri) => `Unsupported file URI: ${String(uri)}`),
  },
  {
    id: 'ge.inline-data',
    source: 'protocols.md 9.7',
    find: (body) =>
      filePartsOf(body)
        .map((part) => readField(part, 'inlineData'))
        .filter(isObject)
        .flatMap((held): readonly string[] => {
          const [mediaType, data] = [readField(held, 'mimeType'), readField(held, 'data')];
          if (!isString(mediaType) || !isString(data)) return [];
          if (!INLINE_TYPE.test(mediaType)) return [`Unsupported MIME type: ${mediaType}`];
          // A PNG named a JPEG is taken; recorded: otel-generate-content-with-files.
          const fault = mediaFault(mediaType, data.replaceAll('-', '+').replaceAll('_', '/'), 'kind');
          return fault === undefined ? [] : [`Unable to process input: ${fault}`];
        }),
  },
];

/** The parts of all contents, and those in results of functions. */
function filePartsOf(body: JsonObject): readonly JsonObject[] {
  return objectsOf(readField(body, 'contents'))
    .flatMap((content) => objectsOf(readField(content, 'parts')))
    .flatMap((part) => {
      const response = readField(part, 'functionResponse');
      return isObject(response) ? [part, ...objectsOf(readField(response, 'parts'))] : [part];
    });
}

interface GeminiTurn {
  readonly role: 'user' | 'model';
  readonly calls: unknown[];
  readonly responses: unknown[];
}

/**
 * The contents as turns, neighbours of one role joined: the service takes them, although turns should alternate.
 * Recorded in pyd-multimodal-tool-return-matrix (user), and sent by the chats of @google/genai 3.1.0 (model, seen 2026-11-24).
 */
function turnsOf(body: JsonObject): readonly GeminiTurn[] {
  const turns: GeminiTurn[] = [];
  for (const content of objectsOf(readField(body, 'contents'))) {
    const role = content.role === 'model' ? 'model' : 'user';
    const last = turns.at(-1);
    const turn: GeminiTurn = last?.role === role ? last : { role, calls: [], responses: [] };
    if (turn !== last) turns.push(turn);
    for (const part of objectsOf(readField(content, 'parts'))) {
      const call = readField(part, 'functionCall');
      const response = readField(part, 'functionResponse');
      if (isObject(call)) turn.calls.push(call.name);
      if (isObject(response)) turn.responses.push(response.name);
    }
  }
  return turns;
}

function declaredNames(body: JsonObject): readonly unknown[] {
  return objectsOf(readField(body, 'tools'))
    .flatMap((tool) => objectsOf(readField(tool, 'functionDeclarations')))
    .map((declaration) => declaration.name);
}

/** Taken in any case; recorded: rub-chat-tool-choice-and-calls-control. */
function modeOf(calling: JsonObject): string {
  return String(readField(calling, 'mode')).toUpperCase();
}

/** The documented placeholder (protocols.md 9.3, 4), and a real signature that LangChain sends with every call it has none of. */
const isPlaceholder = (signature: string): boolean =>
  signature === 'skip_thought_signature_validator' ||
  signature.startsWith('ErYCCrMCAdHtim9kOoOkrPiCNVsmlpMIKd7ZMxgiFbVQOkgp7');
