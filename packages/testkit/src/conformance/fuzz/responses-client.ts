import { isString, type JsonObject, objectsOf } from '../../json.ts';
import { type FuzzClient, LONG_NAME, turnedAround } from './fuzz-client.ts';
import type { FuzzPart, FuzzTool } from './fuzz-plan.ts';

export const responsesClient: FuzzClient = {
  names: ['read', 'write-file', 'mcp__files__list', '1st', LONG_NAME, 'y'.repeat(128)],
  ask({ isStream, system, parts, tools, choice, isSerial, thinks, bound }) {
    return {
      model: 'gpt-recorded',
      max_output_tokens: bound,
      stream: isStream,
      // As clients that keep the conversation themselves ask, Codex among them.
      store: false,
      include: ['reasoning.encrypted_content'],
      ...(system === undefined ? {} : { instructions: system }),
      input: [{ type: 'message', role: 'user', content: partsOf(parts) }],
      ...(tools.length === 0 ? {} : { tools: tools.map(toolOf) }),
      ...(choice === undefined
        ? {}
        : {
            tool_choice:
              choice.type === 'named' ? { type: kindOf(choice.name, tools), name: choice.name } : choice.type,
          }),
      ...(isSerial === true ? { parallel_tool_calls: false } : {}),
      ...(thinks ? { reasoning: { effort: 'medium', summary: 'auto' } } : {}),
    };
  },
  goOn(before, { output }, { resultOf, parts, isShuffled }) {
    const items = objectsOf(output);
    const calls = items.filter(({ type }) => type === 'function_call' || type === 'custom_tool_call');
    const results = calls.map((call, place) => {
      const { parts: said, isError } = resultOf(place);
      const inside = isError ? [{ type: 'input_text', text: 'Error: it failed.' }, ...partsOf(said)] : partsOf(said);
      const [only] = inside;
      const text = inside.length === 1 && isString(only?.text) ? only.text : undefined;
      return { type: `${String(call.type)}_output`, call_id: call.call_id, output: text ?? inside };
    });
    const words = calls.length > 0 && !isShuffled ? [] : [{ type: 'message', role: 'user', content: partsOf(parts) }];
    return {
      ...before,
      ...(before.tool_choice === undefined ? {} : { tool_choice: 'auto' }),
      input: [...objectsOf(before.input), ...items, ...turnedAround(results, isShuffled), ...words],
    };
  },
};

function partsOf(parts: readonly FuzzPart[]): readonly JsonObject[] {
  return parts.map((part): JsonObject => {
    if (part.type === 'text') return { type: 'input_text', text: part.text };
    const url = part.type === 'image' ? `data:image/png;base64,${part.data}` : part.url;
    return { type: 'input_image', image_url: url, detail: 'auto' };
  });
}

function toolOf({ name, description, schema }: FuzzTool): JsonObject {
  const head = { name, ...(description === undefined ? {} : { description }) };
  return schema === undefined
    ? { type: 'custom', ...head, format: { type: 'grammar', syntax: 'lark', definition: 'start: /[^]+/' } }
    : { type: 'function', ...head, parameters: schema, strict: false };
}

const kindOf = (name: string, tools: readonly FuzzTool[]): 'function' | 'custom' =>
  tools.find((tool) => tool.name === name)?.schema === undefined ? 'custom' : 'function';
