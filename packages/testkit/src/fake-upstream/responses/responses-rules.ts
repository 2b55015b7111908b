import { arrayOf, isObject, isString, type JsonObject, objectsOf } from '../../json.ts';
import { mediaFault, pictureFault, readDataUri, soundFault } from '../media-bytes.ts';
import { checkFields, type FieldRow, type Finding, type Rule, type UpstreamMemory } from '../rule.ts';
import { findStrictFault } from '../strict-schema.ts';
import {
  FORMAT_FIELDS,
  FUNCTION_TOOL_FIELDS,
  ITEM_FIELDS,
  ITEM_TYPES,
  PARTS,
  REASONING_FIELDS,
  TEXT_FIELDS,
  TOOL_TYPES,
} from './responses-fields.ts';

const REQUEST = 'protocols.md 3.1';
const UNKNOWN = { source: REQUEST, say: (field: string) => `Unknown parameter: '${field}'.` };

/** Fields of everything below the top level. */
export function checkResponsesParts(body: JsonObject): readonly Finding[] {
  const findings: Finding[] = [];
  const check = (object: unknown, at: string, rows: readonly FieldRow[], isClosed = true) => {
    if (!isObject(object)) return;
    findings.push(...checkFields(object, { dialect: 'rs', at, rows, ...(isClosed ? { refuseUnknown: UNKNOWN } : {}) }));
  };
  const fail = (rule: string, field: string, message: string) =>
    findings.push({ rule, source: REQUEST, field, message });

  check(body.reasoning, 'reasoning', REASONING_FIELDS);
  check(body.text, 'text', TEXT_FIELDS);
  if (isObject(body.text)) {
    const format = body.text.format;
    check(format, 'text.format', FORMAT_FIELDS);
    if (isObject(format) && format.type === 'json_schema' && (!isString(format.name) || !isObject(format.schema))) {
      fail('rs.text-format', 'text.format.name', "Missing required parameter: 'text.format.name'.");
    }
  }
  for (const [index, tool] of objectsOf(body.tools).entries()) {
    const type = isString(tool.type) ? tool.type : '';
    if (!TOOL_TYPES.includes(type)) fail('rs.tool-type', `tools[${index}].type`, `Invalid value: '${type}'.`);
    if (type === 'function') check(tool, `tools[${index}]`, FUNCTION_TOOL_FIELDS);
  }
  for (const [index, item] of itemsOf(body).entries()) {
    const at = `input[${index}]`;
    const type = typeOf(item);
    if (!ITEM_TYPES.includes(type)) {
      fail('rs.item-type', `${at}.type`, `Invalid value: '${type}'. Supported values are: ${ITEM_TYPES.join(', ')}.`);
      continue;
    }
    const rows = ITEM_FIELDS[type];
    if (rows !== undefined) check(item, at, rows);
    if (type === 'message') findings.push(...checkContent(item, at));
    if (type === 'function_call_output') {
      for (const [partIndex, part] of objectsOf(item.output).entries()) {
        findings.push(...checkPart(part, `${at}.output[${partIndex}]`, 'in'));
      }
    }
  }
  return findings;
}

/** Assistant messages sent back must use `output_text`, all others `input_…`. */
function checkContent(item: JsonObject, at: string): readonly Finding[] {
  const side = item.role === 'assistant' ? 'out' : 'in';
  return objectsOf(item.content).flatMap((part, index) => checkPart(part, `${at}.content[${index}]`, side));
}

function checkPart(part: JsonObject, at: string, side: 'in' | 'out'): readonly Finding[] {
  const type = isString(part.type) ? part.type : '';
  const rows = PARTS[side][type];
  if (rows === undefined) {
    return [
      {
        rule: 'rs.part-side',
        source: REQUEST,
        field: at,
        message: `Invalid value: '${type}'. Supported values are: ${Object.keys(PARTS[side]).join(', ')}.`,
      },
    ];
  }
  return checkFields(part, { dialect: 'rs', at, rows });
}

/** Rules over items, chains and tools. */
export const RESPONSES_RULES: readonly Rule[] = [
  {
    id: 'rs.input',
    source: REQUEST,
    find(body) {
      const { input, prompt, previous_response_id: previous, conversation } = body;
      const hasInput = isString(input) ? input.length > 0 : arrayOf(input).length > 0;
      return hasInput || isObject(prompt) || isString(previous) || (conversation !== undefined && conversation !== null)
        ? undefined
        : "One of 'input' or 'previous_response_id' or 'prompt' or 'conversation' must be provided.";
    },
  },
  {
    id: 'rs.model',
    source: REQUEST,
    find: (body) =>
      body.model === undefined && !isObject(body.prompt) ? "Missing required parameter: 'model'." : undefined,
  },
  {
    id: 'rs.previous-response',
    source: REQUEST,
    find(body, { memory }) {
      const previous = body.previous_response_id;
      return isString(previous) && !memory.responses.has(previous)
        ? `Previous response with id '${previous}' not found.`
        : undefined;
    },
  },
  {
    id: 'rs.output-orphan',
    source: 'protocols.md 9.1',
    find(body, { memory }) {
      if (body.conversation !== undefined && body.conversation !== null) return undefined;
      const items = [...historyOf(body, memory), ...itemsOf(body)];
      const asked = new Set(callIdsOf(items, CALLS));
      return itemsOf(body)
        .filter((item) => OUTPUTS.includes(typeOf(item)))
        .map((item) => item.call_id)
        .filter(isString)
        .filter((id) => !asked.has(id))
        .map((id) => `No tool call found for function call output with call_id ${id}.`);
    },
  },
  {
    id: 'rs.call-unanswered',
    source: 'protocols.md 9.1',
    find(body, { memory }) {
      if (body.conversation !== undefined && body.conversation !== null) return undefined;
      const items = [...historyOf(body, memory), ...itemsOf(body)];
      const answered = new Set(callIdsOf(items, OUTPUTS));
      return callIdsOf(items, CALLS)
        .filter((id) => !answered.has(id))
        .map((id) => `No tool output found for function call ${id}.`);
    },
  },
  {
    id: 'rs.call-twice',
    source: 'protocols.md 9.1',
    find(body) {
      const ids = callIdsOf(itemsOf(body), CALLS);
      const doubled = ids.filter((id, position) => ids.indexOf(id) !== position);
      return doubled.map((id) => `Duplicate item found with call_id ${id}.`);
    },
  },
  {
    id: 'rs.media-bytes',
    source: 'protocols.md 9.7',
    find: (body) =>
      itemsOf(body)
        .flatMap((item) => [...objectsOf(item.content), ...objectsOf(item.output)])
        .flatMap(({ type, image_url: image, file_data: file, input_audio: audio }): readonly string[] => {
          if (type === 'input_image' && isString(image)) return told(pictureFault(image));
          if (type === 'input_audio' && isObject(audio) && isString(audio.data)) {
            return told(soundFault(audio.format, audio.data));
          }
          const held = type === 'input_file' && isString(file) ? readDataUri(file) : undefined;
          return held === undefined ? [] : told(mediaFault(held.mediaType, held.data));
        }),
  },
  {
    id: 'rs.reasoning-follower',
    source: 'protocols.md 9.2',
    find: (body) =>
      itemsOf(body).flatMap((item, index, items) => {
        const next = items[index + 1];
        const hasFollower = next !== undefined && !(typeOf(next) === 'message' && next.role !== 'assistant');
        return typeOf(item) === 'reasoning' && isString(item.id) && !hasFollower
          ? [`Item '${item.id}' of type 'reasoning' was provided without its required following item.`]
          : [];
      }),
  },
  {
    id: 'rs.reasoning-known',
    source: 'protocols.md 9.3',
    find: (body, { memory }) =>
      memory.checksSignatures
        ? itemsOf(body)
            .map((item) => item.encrypted_content)
            .filter(isString)
            .filter((content) => !memory.signatures.has(content))
            .map(() => 'The encrypted content could not be verified.')
        : undefined,
  },
  {
    // An item is only known by its id where the service kept it.
    id: 'rs.reasoning-lost',
    source: 'protocols.md 9.3',
    find(body, { memory }) {
      if (!memory.checksSignatures) return undefined;
      const kept = new Set(
        [...memory.responses.values()].flatMap(({ response }) => objectsOf(response.output)).map((item) => item.id),
      );
      return itemsOf(body)
        .filter((item) => typeOf(item) === 'reasoning' && isString(item.id) && !isString(item.encrypted_content))
        .filter((item) => !kept.has(item.id))
        .map((item) => `Item with id '${String(item.id)}' not found. Items are not persisted when \`store\` is false.`);
    },
  },
  {
    id: 'rs.strict-schema',
    source: 'protocols.md 9.6',
    find: (body) =>
      objectsOf(body.tools).flatMap((tool) => {
        const fault = tool.strict === true ? findStrictFault(tool.parameters) : undefined;
        return fault === undefined ? [] : [`Invalid schema for function '${String(tool.name)}': ${fault}`];
      }),
  },
  {
    id: 'rs.choice-without-tools',
    source: 'protocols.md 8.1',
    find(body) {
      const choice = body.tool_choice;
      const isForced = choice === 'required' || isObject(choice);
      return isForced && arrayOf(body.tools).length === 0
        ? "Tool choice 'required' must be specified with 'tools' parameter."
        : undefined;
    },
  },
  {
    id: 'rs.choice-known',
    source: REQUEST,
    find(body) {
      const choice = body.tool_choice;
      if (!isObject(choice) || choice.type !== 'function') return undefined;
      const names = objectsOf(body.tools).map((tool) => tool.name);
      return names.includes(choice.name)
        ? undefined
        : `Tool choice '${String(choice.name)}' not found in 'tools' parameter.`;
    },
  },
];

const CALLS = ['function_call', 'custom_tool_call'];
const OUTPUTS = ['function_call_output', 'custom_tool_call_output'];

export function itemsOf(body: JsonObject): readonly JsonObject[] {
  return objectsOf(body.input);
}

/** An item with a role and no type is a message. */
export function typeOf(item: JsonObject): string {
  if (isString(item.type)) return item.type;
  return isString(item.role) ? 'message' : '';
}

function callIdsOf(items: readonly JsonObject[], types: readonly string[]): readonly string[] {
  return items
    .filter((item) => types.includes(typeOf(item)))
    .map((item) => item.call_id)
    .filter(isString);
}

/** Items of the stored responses a request builds on, oldest first. */
function historyOf(body: JsonObject, memory: UpstreamMemory): readonly JsonObject[] {
  const previous = body.previous_response_id;
  const stored = isString(previous) ? memory.responses.get(previous) : undefined;
  if (stored === undefined) return [];
  return [
    ...historyOf(stored.response, memory),
    ...stored.input.filter(isObject),
    ...objectsOf(stored.response.output),
  ];
}

const told = (fault: string | undefined): readonly string[] => (fault === undefined ? [] : [fault]);
