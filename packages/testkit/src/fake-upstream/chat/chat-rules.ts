import { isObject, isString, type JsonObject, objectsOf } from '../../json.ts';
import { mediaFault, pictureFault, readDataUri, soundFault } from '../media-bytes.ts';
import { checkFields, type FieldRow, type Finding, type Rule } from '../rule.ts';
import { findStrictFault } from '../strict-schema.ts';
import {
  CALL_FIELDS,
  CALLED_FUNCTION_FIELDS,
  CUSTOM_FIELDS,
  FUNCTION_FIELDS,
  JSON_SCHEMA_FIELDS,
  MESSAGE_FIELDS,
  PARTS,
  REASONING_FIELD,
  TOOL_FIELDS,
} from './chat-fields.ts';

const REQUEST = 'protocols.md 2.1';
const MEDIA = 'protocols.md 9.7';
const UNKNOWN = { source: REQUEST, say: (field: string) => `Unknown parameter: '${field}'.` };

/** Fields of everything below the top level. */
export function checkChatParts(body: JsonObject, hasShownReasoning = false): readonly Finding[] {
  const findings: Finding[] = [];
  const check = (object: unknown, at: string, rows: readonly FieldRow[]) => {
    if (isObject(object)) findings.push(...checkFields(object, { dialect: 'cc', at, rows, refuseUnknown: UNKNOWN }));
  };
  const fail = (rule: string, at: string, message: string) =>
    findings.push({ rule, source: REQUEST, field: at, message });

  for (const [index, message] of objectsOf(body.messages).entries()) {
    const at = `messages[${index}]`;
    const role = isString(message.role) ? message.role : '';
    const rows = MESSAGE_FIELDS[role];
    if (rows === undefined) {
      fail(
        'cc.role',
        `${at}.role`,
        `Invalid value: '${role}'. Supported values are: ${Object.keys(MESSAGE_FIELDS).join(', ')}.`,
      );
      continue;
    }
    check(message, at, hasShownReasoning && role === 'assistant' ? [...rows, REASONING_FIELD] : rows);
    for (const [partIndex, part] of objectsOf(message.content).entries()) {
      const row = PARTS[role]?.[isString(part.type) ? part.type : ''];
      const partAt = `${at}.content[${partIndex}]`;
      if (row === undefined)
        fail('cc.part-type', `${partAt}.type`, `Invalid value: '${String(part.type)}' in a ${role} message.`);
      else findings.push(...checkFields(part, { dialect: 'cc', at: partAt, rows: [row] }));
    }
    for (const [callIndex, call] of objectsOf(message.tool_calls).entries()) {
      const callAt = `${at}.tool_calls[${callIndex}]`;
      check(call, callAt, CALL_FIELDS);
      if (call.type === 'function') {
        if (isObject(call.function)) check(call.function, `${callAt}.function`, CALLED_FUNCTION_FIELDS);
        else fail('cc.call-function', callAt, `Missing required parameter: '${callAt}.function'.`);
      }
    }
  }
  for (const [index, tool] of objectsOf(body.tools).entries()) {
    const at = `tools[${index}]`;
    check(tool, at, TOOL_FIELDS);
    if (tool.type === 'function' && !isObject(tool.function)) {
      fail('cc.tool-function', at, `Missing required parameter: '${at}.function'.`);
    }
    check(tool.function, `${at}.function`, FUNCTION_FIELDS);
    check(tool.custom, `${at}.custom`, CUSTOM_FIELDS);
  }
  for (const [index, tool] of objectsOf(body.functions).entries()) check(tool, `functions[${index}]`, FUNCTION_FIELDS);
  const format = body.response_format;
  if (isObject(format)) {
    if (!['text', 'json_object', 'json_schema'].some((type) => type === format.type)) {
      fail('cc.response-format', 'response_format.type', `Invalid value: '${String(format.type)}'.`);
    }
    if (format.type === 'json_schema') {
      if (isObject(format.json_schema)) check(format.json_schema, 'response_format.json_schema', JSON_SCHEMA_FIELDS);
      else fail('cc.response-format', 'response_format', "Missing required parameter: 'response_format.json_schema'.");
    }
  }
  return findings;
}

/** Rules over turns and tools. */
export const CHAT_RULES: readonly Rule[] = [
  {
    id: 'cc.tool-result-missing',
    source: REQUEST,
    find: (body) =>
      readGroups(body).flatMap(({ index, asked, answered }) => {
        const missing = asked.filter((id) => !answered.includes(id));
        return missing.length === 0
          ? []
          : [
              `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${missing.join(', ')} (messages[${index}])`,
            ];
      }),
  },
  {
    id: 'cc.tool-result-twice',
    source: REQUEST,
    find: (body) =>
      readGroups(body).flatMap(({ answered }) =>
        answered
          .filter((id, position) => answered.indexOf(id) !== position)
          .map((id) => `Duplicate value for 'tool_call_id' of '${id}' in message history.`),
      ),
  },
  {
    id: 'cc.tool-result-orphan',
    source: REQUEST,
    find: (body) => {
      const messages = objectsOf(body.messages);
      let asked: readonly string[] = [];
      return messages.flatMap((message, index) => {
        if (message.role !== 'tool') {
          asked = callIds(message);
          return [];
        }
        const id = message.tool_call_id;
        return isString(id) && asked.includes(id)
          ? []
          : [
              `Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'. (messages[${index}])`,
            ];
      });
    },
  },
  {
    id: 'cc.assistant-empty',
    source: REQUEST,
    find: (body) =>
      objectsOf(body.messages).flatMap((message, index) => {
        if (message.role !== 'assistant') return [];
        const hasContent = message.content !== undefined && message.content !== null;
        const hasOther = ['tool_calls', 'function_call', 'refusal', 'audio'].some(
          (field) => message[field] !== undefined && message[field] !== null,
        );
        return hasContent || hasOther
          ? []
          : [`Invalid value for 'content': expected a string, got null. (messages[${index}])`];
      }),
  },
  {
    id: 'cc.image-url',
    source: REQUEST,
    find: (body) =>
      objectsOf(body.messages)
        .flatMap((message) => objectsOf(message.content))
        .flatMap((part) => {
          const image = part.image_url;
          if (part.type !== 'image_url' || !isObject(image)) return [];
          const { url } = image;
          return isString(url) && /^(https?:\/\/|data:image\/[a-z+.-]+;base64,[A-Za-z0-9+/])/.test(url)
            ? []
            : ['Invalid image_url: expected an http(s) address or a base64 data URI.'];
        }),
  },
  {
    id: 'cc.audio-format',
    source: REQUEST,
    find: (body) =>
      objectsOf(body.messages)
        .flatMap((message) => objectsOf(message.content))
        .flatMap((part) => {
          const audio = part.input_audio;
          if (part.type !== 'input_audio' || !isObject(audio)) return [];
          return isString(audio.data) && (audio.format === 'wav' || audio.format === 'mp3')
            ? []
            : ["Invalid value for 'input_audio.format': supported values are 'wav' and 'mp3'."];
        }),
  },
  {
    id: 'cc.file',
    source: REQUEST,
    find: (body) =>
      objectsOf(body.messages)
        .flatMap((message) => objectsOf(message.content))
        .flatMap((part) => {
          const file = part.file;
          if (part.type !== 'file' || !isObject(file)) return [];
          const hasData = isString(file.file_data) && /^data:[^,]*;base64,./.test(file.file_data);
          return hasData || isString(file.file_id)
            ? []
            : ["Missing required parameter: 'file.file_data' or 'file.file_id'."];
        }),
  },
  {
    id: 'cc.media-bytes',
    source: MEDIA,
    find: (body) =>
      objectsOf(body.messages)
        .flatMap((message) => objectsOf(message.content))
        .flatMap(({ type, image_url: image, input_audio: audio, file }): readonly string[] => {
          if (type === 'image_url' && isObject(image) && isString(image.url)) return told(pictureFault(image.url));
          if (type === 'input_audio' && isObject(audio) && isString(audio.data)) {
            return told(soundFault(audio.format, audio.data));
          }
          const held = isObject(file) && isString(file.file_data) ? readDataUri(file.file_data) : undefined;
          return held === undefined ? [] : told(mediaFault(held.mediaType, held.data));
        }),
  },
  {
    id: 'cc.choice-shape',
    source: REQUEST,
    find(body) {
      const choice = body.tool_choice;
      if (!isObject(choice)) return undefined;
      const held = isString(choice.type) ? choice[choice.type] : undefined;
      return ['function', 'custom', 'allowed_tools'].includes(String(choice.type)) && isObject(held)
        ? undefined
        : `Invalid value for 'tool_choice': '${JSON.stringify(choice)}'.`;
    },
  },
  {
    id: 'cc.strict-schema',
    source: 'protocols.md 9.6',
    find: (body) =>
      objectsOf(body.tools).flatMap((tool) => {
        const declared = isObject(tool.function) ? tool.function : {};
        const fault = declared.strict === true ? findStrictFault(declared.parameters) : undefined;
        return fault === undefined ? [] : [`Invalid schema for function '${String(declared.name)}': ${fault}`];
      }),
  },
  {
    id: 'cc.choice-without-tools',
    source: 'protocols.md 8.1',
    find: (body) =>
      body.tool_choice !== undefined && body.tools === undefined
        ? "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified."
        : undefined,
  },
  {
    id: 'cc.parallel-without-tools',
    source: REQUEST,
    find: (body) =>
      body.parallel_tool_calls !== undefined && body.tools === undefined
        ? "Invalid value for 'parallel_tool_calls': 'parallel_tool_calls' is only allowed when 'tools' are specified."
        : undefined,
  },
  {
    id: 'cc.choice-known',
    source: REQUEST,
    find(body) {
      const choice = body.tool_choice;
      const wanted = isObject(choice) && isObject(choice.function) ? choice.function.name : undefined;
      const names = objectsOf(body.tools).map((tool) => (isObject(tool.function) ? tool.function.name : undefined));
      return wanted !== undefined && !names.includes(wanted)
        ? `Tool choice '${String(wanted)}' not found in 'tools' parameter.`
        : undefined;
    },
  },
  {
    id: 'cc.stream-options',
    source: REQUEST,
    find: (body) =>
      isObject(body.stream_options) && body.stream !== true
        ? "The 'stream_options' parameter is only allowed when 'stream' is enabled."
        : undefined,
  },
  {
    id: 'cc.two-token-limits',
    source: REQUEST,
    find: (body) =>
      typeof body.max_tokens === 'number' && typeof body.max_completion_tokens === 'number'
        ? "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."
        : undefined,
  },
  {
    id: 'cc.top-logprobs',
    source: REQUEST,
    find: (body) =>
      typeof body.top_logprobs === 'number' && body.logprobs !== true
        ? "'top_logprobs' is only allowed when 'logprobs' is enabled."
        : undefined,
  },
  {
    id: 'cc.metadata',
    source: REQUEST,
    find(body) {
      if (!isObject(body.metadata)) return undefined;
      const values = Object.values(body.metadata);
      if (values.length > 16) return "Invalid 'metadata': too many properties, at most 16.";
      return values.every(isString) ? undefined : "Invalid 'metadata': values must be strings.";
    },
  },
];

interface CallGroup {
  readonly index: number;
  readonly asked: readonly string[];
  /** Ids of the tool messages directly after. */
  readonly answered: readonly string[];
}

function readGroups(body: JsonObject): readonly CallGroup[] {
  const messages = objectsOf(body.messages);
  return messages.flatMap((message, index) => {
    const asked = callIds(message);
    if (asked.length === 0) return [];
    const answered: string[] = [];
    for (const next of messages.slice(index + 1)) {
      if (next.role !== 'tool') break;
      if (isString(next.tool_call_id)) answered.push(next.tool_call_id);
    }
    return [{ index, asked, answered }];
  });
}

function callIds(message: JsonObject): readonly string[] {
  return objectsOf(message.tool_calls)
    .map((call) => call.id)
    .filter(isString);
}

const told = (fault: string | undefined): readonly string[] => (fault === undefined ? [] : [fault]);
