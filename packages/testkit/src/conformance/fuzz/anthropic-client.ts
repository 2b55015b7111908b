import { isString, type JsonObject, objectsOf } from '../../json.ts';
import { type FuzzClient, isBlank, LONG_NAME, turnedAround } from './fuzz-client.ts';
import type { FuzzPart, FuzzTool } from './fuzz-plan.ts';

export const anthropicClient: FuzzClient = {
  names: ['read', 'write-file', 'mcp__files__list', '1st', LONG_NAME, 'y'.repeat(128)],
  ask({ isStream, system, parts, tools, choice, isSerial, thinks, bound }) {
    const serial = isSerial === true ? { disable_parallel_tool_use: true } : {};
    return {
      model: 'claude-sonnet-4-5',
      max_tokens: bound,
      stream: isStream,
      ...(system === undefined ? {} : { system }),
      messages: [{ role: 'user', content: partsOf(parts) }],
      ...(tools.length === 0 ? {} : { tools: tools.map(toolOf) }),
      ...(choice === undefined
        ? isSerial === true
          ? { tool_choice: { type: 'auto', ...serial } }
          : {}
        : {
            tool_choice:
              choice.type === 'named'
                ? { type: 'tool', name: choice.name, ...serial }
                : { type: choice.type === 'required' ? 'any' : 'auto', ...serial },
          }),
      ...(thinks ? { thinking: { type: 'enabled', budget_tokens: 2048 } } : {}),
    };
  },
  goOn(before, { content }, { resultOf, parts, isShuffled }) {
    const blocks = objectsOf(content).filter((block) => block.type !== 'text' || !isBlankText(block));
    const calls = blocks.filter(({ type }) => type === 'tool_use');
    const results = turnedAround(
      calls.map((call, place) => {
        const { parts: said, isError } = resultOf(place);
        const inside = partsOf(said);
        return {
          type: 'tool_result',
          tool_use_id: call.id,
          ...(inside.length === 0 ? {} : { content: inside }),
          ...(isError ? { is_error: true } : {}),
        };
      }),
      isShuffled,
    );
    const words = calls.length > 0 && !isShuffled ? [] : partsOf(parts);
    return {
      ...before,
      messages: [
        ...objectsOf(before.messages),
        ...(blocks.length === 0 ? [] : [{ role: 'assistant', content: blocks }]),
        { role: 'user', content: [...results, ...words] },
      ],
      // A demand holds for one answer.
      tool_choice: before.tools === undefined ? undefined : { type: 'auto' },
    };
  },
};

const isBlankText = ({ text }: JsonObject): boolean => !isString(text) || isBlank(text);

/** The API takes no empty text. */
function partsOf(parts: readonly FuzzPart[]): readonly JsonObject[] {
  return parts.flatMap((part): readonly JsonObject[] => {
    if (part.type === 'text') return isBlank(part.text) ? [] : [{ type: 'text', text: part.text }];
    const source =
      part.type === 'image'
        ? { type: 'base64', media_type: 'image/png', data: part.data }
        : { type: 'url', url: part.url };
    return [{ type: 'image', source }];
  });
}

function toolOf({ name, description, schema }: FuzzTool): JsonObject {
  const input = schema ?? { type: 'object', properties: { text: { type: 'string' } } };
  return { name, ...(description === undefined ? {} : { description }), input_schema: input };
}
