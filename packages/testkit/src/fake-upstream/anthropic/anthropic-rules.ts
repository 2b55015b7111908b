import { isObject, isString, type JsonObject, objectsOf } from '../../json.ts';
import { mediaFault } from '../media-bytes.ts';
import { checkFields, type Finding, type Rule } from '../rule.ts';
import {
  BLOCKS,
  CLIENT_TOOL_FIELDS,
  IMAGE_TYPES,
  MESSAGE_ENVELOPE_FIELDS,
  SERVER_BLOCK,
  THINKING_FIELDS,
  TOOL_CHOICE_FIELDS,
  TOOL_RESULT_PARTS,
} from './anthropic-fields.ts';
import { blocksOf, readTurns } from './anthropic-turns.ts';

const REQUEST = 'protocols.md 4.1';
const ORDER = 'protocols.md 9.2';
const THINKING = 'protocols.md 9.3';
const EXTRA = { source: REQUEST, say: (field: string) => `${field}: Extra inputs are not permitted` };

/** Fields of everything below the top level. */
export function checkAnthropicParts(body: JsonObject): readonly Finding[] {
  const findings: Finding[] = [];
  const check = (object: JsonObject, at: string, rows: Parameters<typeof checkFields>[1]['rows'], isClosed: boolean) =>
    findings.push(...checkFields(object, { dialect: 'an', at, rows, ...(isClosed ? { refuseUnknown: EXTRA } : {}) }));

  if (isObject(body.thinking)) check(body.thinking, 'thinking', THINKING_FIELDS, true);
  if (isObject(body.tool_choice)) check(body.tool_choice, 'tool_choice', TOOL_CHOICE_FIELDS, true);
  for (const [index, tool] of objectsOf(body.tools).entries()) {
    // Dated and toolset types are the service's own; their fields are not listed in the reference.
    const isClientTool = tool.type === undefined || tool.type === null || tool.type === 'custom';
    const type = String(tool.type);
    if (!isClientTool && !/_\d{8}$|_toolset$/.test(type)) {
      findings.push({
        rule: 'an.tool-type',
        source: REQUEST,
        field: `tools.${index}`,
        message: `tools.${index}: Input tag '${type}' found using 'type' does not match any of the expected tags`,
      });
    }
    if (isClientTool) check(tool, `tools.${index}.custom`, CLIENT_TOOL_FIELDS, true);
  }
  for (const [index, message] of objectsOf(body.messages).entries()) {
    check(message, `messages.${index}`, MESSAGE_ENVELOPE_FIELDS, true);
    const role = message.role;
    for (const [blockIndex, block] of blocksOf(message.content).entries()) {
      const at = `messages.${index}.content.${blockIndex}`;
      const type = isString(block.type) ? block.type : '';
      const row = BLOCKS.find((candidate) => candidate.type === type);
      if (row === undefined) {
        if (!SERVER_BLOCK.test(type)) {
          findings.push({
            rule: 'an.block-type',
            source: REQUEST,
            field: at,
            message: `${at}: Input tag '${type}' found using 'type' does not match any of the expected tags`,
          });
        }
        continue;
      }
      if (!row.roles.some((allowed) => allowed === role)) {
        findings.push({
          rule: 'an.block-role',
          source: REQUEST,
          field: at,
          message: `${at}: \`${type}\` blocks can only be in messages of role ${row.roles.join(' or ')}`,
        });
      }
      check(block, at, row.fields, row.isClosed === true);
    }
  }
  return findings;
}

/** Rules over turns, tools and thinking. */
export const ANTHROPIC_RULES: readonly Rule[] = [
  {
    id: 'an.thread-beta',
    source: REQUEST,
    find: (body, { head }) =>
      isObject(body.thread) && !String(head.headers['anthropic-beta']).includes('message-threads-')
        ? 'thread: Extra inputs are not permitted'
        : undefined,
  },
  {
    id: 'an.first-turn-user',
    source: REQUEST,
    find: (body) =>
      readTurns(body)[0]?.role === 'assistant' ? 'messages: first message must use the "user" role' : undefined,
  },
  {
    id: 'an.empty-content',
    source: REQUEST,
    find: (body) =>
      objectsOf(body.messages).flatMap((message, index, all) => {
        const isEmpty = message.content === '' || (Array.isArray(message.content) && message.content.length === 0);
        const mayBeEmpty = message.role === 'assistant' && index === all.length - 1;
        return isEmpty && !mayBeEmpty
          ? [
              `messages.${index}: all messages must have non-empty content except for the optional final assistant message`,
            ]
          : [];
      }),
  },
  {
    id: 'an.empty-text',
    source: REQUEST,
    find: (body) =>
      objectsOf(body.messages).flatMap((message, index) =>
        isString(message.content)
          ? []
          : blocksOf(message.content).flatMap((block, blockIndex) =>
              [block, ...(block.type === 'tool_result' ? objectsOf(block.content) : [])].flatMap((part) =>
                part.type === 'text' && isString(part.text) && part.text.trim() === ''
                  ? [`messages.${index}.content.${blockIndex}: text content blocks must be non-empty`]
                  : [],
              ),
            ),
      ),
  },
  {
    id: 'an.prefill-thinking',
    source: REQUEST,
    find: (body) =>
      isThinkingOn(body) && readTurns(body).at(-1)?.role === 'assistant'
        ? 'messages: final assistant content cannot be prefilled when thinking is enabled'
        : undefined,
  },
  {
    id: 'an.trailing-space',
    source: ORDER,
    find(body) {
      const last = readTurns(body).at(-1);
      const block = last?.role === 'assistant' ? last.blocks.at(-1) : undefined;
      return block?.type === 'text' && isString(block.text) && /\s$/.test(block.text)
        ? 'messages: final assistant content cannot end with trailing whitespace'
        : undefined;
    },
  },
  {
    id: 'an.tool-use-answered',
    source: REQUEST,
    find: (body) =>
      readTurns(body).flatMap((turn, index, turns) => {
        const ids = turn.role === 'assistant' ? idsOf(turn.blocks, 'tool_use', 'id') : [];
        if (ids.length === 0) return [];
        const next = turns[index + 1];
        const answered = next?.role === 'user' ? idsOf(next.blocks, 'tool_result', 'tool_use_id') : [];
        const missing = ids.filter((id) => !answered.includes(id));
        const doubled = answered.filter((id, position) => answered.indexOf(id) !== position);
        return [
          ...(missing.length === 0
            ? []
            : [
                `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
              ]),
          ...doubled.map(
            (id) =>
              `messages.${index + 1}: each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${id}`,
          ),
        ];
      }),
  },
  {
    id: 'an.tool-result-orphan',
    source: REQUEST,
    find: (body) =>
      readTurns(body).flatMap((turn, index, turns) => {
        const before = turns[index - 1];
        const asked = before?.role === 'assistant' ? idsOf(before.blocks, 'tool_use', 'id') : [];
        return idsOf(turn.blocks, 'tool_result', 'tool_use_id')
          .filter((id) => !asked.includes(id))
          .map(
            (id) =>
              `messages.${index}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
          );
      }),
  },
  {
    id: 'an.tool-result-first',
    source: REQUEST,
    find: (body) =>
      readTurns(body).flatMap((turn, index) => {
        const types = turn.blocks.map((block) => block.type === 'tool_result');
        return types.lastIndexOf(true) > types.indexOf(false) && types.includes(false) && types.includes(true)
          ? [`messages.${index}: \`tool_result\` blocks must come before other content`]
          : [];
      }),
  },
  {
    id: 'an.tool-use-unique',
    source: REQUEST,
    find(body) {
      const ids = readTurns(body).flatMap((turn) => idsOf(turn.blocks, 'tool_use', 'id'));
      return ids.some((id, position) => ids.indexOf(id) !== position)
        ? 'messages: `tool_use` ids must be unique'
        : undefined;
    },
  },
  {
    id: 'an.tool-result-parts',
    source: REQUEST,
    find: (body) =>
      readTurns(body).flatMap((turn) =>
        turn.blocks
          .filter((block) => block.type === 'tool_result')
          .flatMap((block) => objectsOf(block.content))
          .flatMap((part) =>
            isString(part.type) && TOOL_RESULT_PARTS.includes(part.type)
              ? []
              : [`messages: Input tag '${String(part.type)}' is not allowed inside a tool_result`],
          ),
      ),
  },
  {
    id: 'an.image-source',
    source: 'protocols.md 4.1, 9.7',
    find: (body) =>
      readTurns(body)
        .flatMap((turn) => turn.blocks)
        .flatMap((block) => (block.type === 'tool_result' ? objectsOf(block.content) : [block]))
        .flatMap((block) => (block.type === 'image' && isObject(block.source) ? checkImage(block.source) : [])),
  },
  {
    id: 'an.document-source',
    source: REQUEST,
    find: (body) =>
      readTurns(body)
        .flatMap((turn) => turn.blocks)
        .flatMap((block) => (block.type === 'tool_result' ? objectsOf(block.content) : [block]))
        .flatMap((block) => (block.type === 'document' && isObject(block.source) ? checkDocument(block.source) : [])),
  },
  {
    id: 'an.cache-order',
    source: REQUEST,
    find(body) {
      const lives = [
        ...objectsOf(body.tools),
        ...objectsOf(body.system),
        ...objectsOf(body.messages).flatMap((message) => blocksOf(message.content)),
      ]
        .map((block) => block.cache_control)
        .filter(isObject)
        .map((mark) => (mark.ttl === '1h' ? 60 : 5));
      return lives.some((life, index) => index > 0 && life > (lives[index - 1] ?? life))
        ? "cache_control.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block"
        : undefined;
    },
  },
  {
    id: 'an.output-schema',
    source: 'protocols.md 9.6',
    find(body) {
      const format = isObject(body.output_config) ? body.output_config.format : body.output_format;
      if (!isObject(format)) return undefined;
      if (format.type !== 'json_schema' || !isObject(format.schema)) {
        return 'output_config.format: Input should be a json_schema with a schema';
      }
      return hasOpenObject(format.schema)
        ? "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false"
        : undefined;
    },
  },
  {
    id: 'an.cache-control',
    source: REQUEST,
    find(body) {
      const marks = [
        ...objectsOf(body.tools),
        ...objectsOf(body.system),
        ...objectsOf(body.messages).flatMap((message) => blocksOf(message.content)),
      ]
        .map((block) => block.cache_control)
        .filter(isObject);
      if (marks.length > 4) return `A maximum of 4 blocks with cache_control may be provided. Found ${marks.length}.`;
      return marks.flatMap((mark) => {
        if (mark.type !== 'ephemeral') return [`cache_control: Input tag '${String(mark.type)}' is not 'ephemeral'`];
        const isKnown = [undefined, '5m', '1h'].some((ttl) => ttl === mark.ttl);
        return isKnown ? [] : [`cache_control.ttl: Input should be '5m' or '1h'`];
      });
    },
  },
  {
    id: 'an.system-blocks',
    source: REQUEST,
    find: (body) =>
      objectsOf(body.system).flatMap((block, index) => {
        if (block.type !== 'text' || !isString(block.text)) return [`system.${index}: Input should be a text block`];
        return block.text.trim() === '' ? [`system.${index}: text content blocks must be non-empty`] : [];
      }),
  },
  {
    id: 'an.input-schema',
    source: 'protocols.md 9.6',
    find: (body) =>
      objectsOf(body.tools).flatMap((tool, index) => {
        const schema = tool.input_schema;
        if (!isObject(schema)) return [];
        if (schema.type !== 'object') return [`tools.${index}.custom.input_schema.type: Field required to be 'object'`];
        return ['oneOf', 'allOf', 'anyOf'].some((word) => word in schema)
          ? [
              `tools.${index}.custom.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top level`,
            ]
          : [];
      }),
  },
  {
    id: 'an.tool-names-unique',
    source: REQUEST,
    find(body) {
      const names = objectsOf(body.tools)
        .map((tool) => tool.name)
        .filter(isString);
      return names.some((name, position) => names.indexOf(name) !== position)
        ? 'tools: Tool names must be unique.'
        : undefined;
    },
  },
  {
    id: 'an.tool-choice',
    source: REQUEST,
    find(body) {
      const choice = body.tool_choice;
      if (!isObject(choice)) return undefined;
      const names = objectsOf(body.tools).map((tool) => tool.name);
      if (names.length === 0 && choice.type !== 'none') {
        return 'tool_choice: may only be specified while providing tools';
      }
      return choice.type === 'tool' && !names.includes(choice.name)
        ? `tool_choice: Tool '${String(choice.name)}' not found in provided tools`
        : undefined;
    },
  },
  {
    id: 'an.thinking-budget',
    source: REQUEST,
    find(body) {
      const thinking = body.thinking;
      if (!isObject(thinking) || thinking.type !== 'enabled') return undefined;
      const budget = thinking.budget_tokens;
      if (typeof budget !== 'number') return 'thinking.enabled.budget_tokens: Field required';
      const most = body.max_tokens;
      return typeof most === 'number' && budget >= most
        ? '`max_tokens` must be greater than `thinking.budget_tokens`'
        : undefined;
    },
  },
  {
    id: 'an.thinking-sampling',
    source: REQUEST,
    find(body) {
      if (!isThinkingOn(body)) return undefined;
      const { temperature, top_p: topP, top_k: topK } = body;
      if (temperature !== undefined && temperature !== 1) {
        return '`temperature` may only be set to 1 when thinking is enabled';
      }
      if (typeof topP === 'number' && topP < 0.95) {
        return '`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled';
      }
      return topK === undefined ? undefined : '`top_k` must be unset when thinking is enabled';
    },
  },
  {
    id: 'an.thinking-forced-tool',
    source: REQUEST,
    find(body, { head }) {
      const choice = body.tool_choice;
      // Counting takes both; recorded: pyd-anthropic-count-tokens-with-adaptive-thinking-and-output-tools.
      return isThinkingOn(body) &&
        !head.path.endsWith('/count_tokens') &&
        isObject(choice) &&
        (choice.type === 'any' || choice.type === 'tool')
        ? 'Thinking may not be enabled when tool_choice forces tool use.'
        : undefined;
    },
  },
  {
    id: 'an.thinking-first',
    source: THINKING,
    find(body) {
      const thinking = body.thinking;
      if (!isObject(thinking) || thinking.type !== 'enabled') return undefined;
      const turns = readTurns(body);
      const continued = turns.at(-2);
      const last = turns.at(-1);
      if (continued?.role !== 'assistant' || idsOf(last?.blocks ?? [], 'tool_result', 'tool_use_id').length === 0) {
        return undefined;
      }
      const first = continued.blocks[0]?.type;
      return first === 'thinking' || first === 'redacted_thinking'
        ? undefined
        : `messages.${turns.length - 2}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${String(first)}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block.`;
    },
  },
  {
    id: 'an.thinking-signature',
    source: THINKING,
    find: (body, { memory }) =>
      memory.checksSignatures
        ? readTurns(body)
            .flatMap((turn) => turn.blocks)
            .flatMap((block) => [block.signature, block.data])
            .filter(isString)
            .filter((signature) => !memory.signatures.has(signature))
            .map(() => 'messages: Invalid `signature` in `thinking` block')
        : undefined,
  },
  {
    id: 'an.thinking-modified',
    source: THINKING,
    find: (body, { memory }) =>
      memory.checksSignatures
        ? readTurns(body)
            .flatMap((turn) => turn.blocks)
            .filter(({ type, signature, thinking }) => {
              const signed = type === 'thinking' && isString(signature) ? memory.signatures.get(signature) : undefined;
              return signed !== undefined && signed !== '' && signed !== thinking;
            })
            .map(() => 'messages: `thinking` blocks cannot be modified: they must remain as they were in the response')
        : undefined,
  },
];

function idsOf(blocks: readonly JsonObject[], type: string, field: string): readonly string[] {
  return blocks
    .filter((block) => block.type === type)
    .map((block) => block[field])
    .filter(isString);
}

function isThinkingOn(body: JsonObject): boolean {
  const thinking = body.thinking;
  return isObject(thinking) && (thinking.type === 'enabled' || thinking.type === 'adaptive');
}

/** Only schema positions: a property called `type` is data. */
function hasOpenObject(schema: unknown): boolean {
  if (!isObject(schema)) return false;
  if (schema.type === 'object' && schema.additionalProperties !== false) return true;
  const inner = [
    ...[schema.properties, schema.$defs].filter(isObject).flatMap((group) => Object.values(group)),
    schema.items,
    ...['anyOf', 'allOf', 'oneOf'].flatMap((word) => objectsOf(schema[word])),
  ];
  return inner.some(hasOpenObject);
}

function checkDocument(source: JsonObject): readonly string[] {
  const { type, media_type: mediaType, data } = source;
  switch (type) {
    case 'base64':
      if (mediaType !== 'application/pdf')
        return ["document.source.base64.media_type: Input should be 'application/pdf'"];
      if (!isString(data) || data === '') return ['document.source.base64.data: Field required'];
      return mediaFault(mediaType, data) === undefined ? [] : ['The PDF specified was not valid.'];
    case 'text':
      if (mediaType !== 'text/plain') return ["document.source.text.media_type: Input should be 'text/plain'"];
      return isString(data) && data !== '' ? [] : ['document.source.text.data: Field required'];
    case 'content':
      return isString(source.content) || Array.isArray(source.content)
        ? []
        : ['document.source.content: Field required'];
    case 'url':
      return isString(source.url) ? [] : ['document.source.url: Field required'];
    case 'file':
      return isString(source.file_id) ? [] : ['document.source.file_id: Field required'];
    default:
      return [`document.source: Input tag '${String(type)}' found using 'type' does not match`];
  }
}

function checkImage(source: JsonObject): readonly string[] {
  const { type, media_type: mediaType, data } = source;
  if (type === 'url') return isString(source.url) ? [] : ['image.source.url: Field required'];
  if (type === 'file') return isString(source.file_id) ? [] : ['image.source.file_id: Field required'];
  if (type !== 'base64') return [`image.source: Input tag '${String(type)}' found using 'type' does not match`];
  if (!isString(mediaType) || !IMAGE_TYPES.includes(mediaType)) {
    return [`image.source.base64.media_type: Input should be ${IMAGE_TYPES.map((name) => `'${name}'`).join(', ')}`];
  }
  const fault = isString(data) ? mediaFault(mediaType, data) : 'invalid base64 data';
  if (fault === undefined) return [];
  return [
    fault.startsWith('the bytes')
      ? `Image does not match the provided media type ${mediaType}`
      : `image.source.base64: ${fault}`,
  ];
}
