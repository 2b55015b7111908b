import { isObject, isString, type JsonObject, objectsOf } from '../../json.ts';
import type { Rule } from '../rule.ts';
import { readTurns } from './anthropic-turns.ts';

const SOURCE = 'protocols.md 4.2';

/** Ids the API itself gives to calls of its tools; it refuses others: "String should match pattern '^srvtoolu_[a-zA-Z0-9_]+$'". */
const IDS: readonly (readonly [type: RegExp, id: RegExp])[] = [
  [/^server_tool_use$/, /^srvtoolu_[a-zA-Z0-9_]+$/],
  [/^mcp_tool_use$/, /^mcptoolu_[a-zA-Z0-9_]+$/],
];
/** The shortest that was recorded has several hundred. */
const LEAST_ENCRYPTED = 40;
const RESULT = /_tool_result$/;

/** Rules over blocks of tools that ran at the API, in a history that is sent back. */
export const ANTHROPIC_SERVER_RULES: readonly Rule[] = [
  {
    id: 'an.server-tool-id',
    source: SOURCE,
    find: (body) =>
      blocksIn(body).flatMap((block) =>
        IDS.filter(([type]) => type.test(String(block.type)))
          .filter(([, id]) => !isString(block.id) || !id.test(block.id))
          .map(([, id]) => `messages: ${String(block.type)}.id: String should match pattern '${id.source}'`),
      ),
  },
  {
    id: 'an.server-result-orphan',
    source: SOURCE,
    find: (body) =>
      readTurns(body)
        .filter(({ role }) => role === 'assistant')
        .flatMap(({ blocks }) => {
          const called = new Set(blocks.map(({ id }) => id));
          return blocks
            .filter(({ type }) => RESULT.test(String(type)))
            .filter((block) => !called.has(block.tool_use_id))
            .map(
              (block) =>
                `messages: unexpected \`tool_use_id\` found in \`${String(block.type)}\` blocks: ${String(block.tool_use_id)}`,
            );
        }),
  },
  {
    // What a search found comes back as the API encrypted it.
    id: 'an.search-encrypted',
    source: SOURCE,
    find: (body) =>
      blocksIn(body)
        .filter(({ type }) => type === 'web_search_tool_result')
        .flatMap(({ content }) => objectsOf(content))
        .filter(({ encrypted_content: text }) => !isString(text) || text.length < LEAST_ENCRYPTED)
        .map(() => 'messages: Invalid `encrypted_content` in `search_result` block'),
  },
];

function blocksIn(body: JsonObject): readonly JsonObject[] {
  return readTurns(body).flatMap(({ blocks }) => blocks.filter(isObject));
}
