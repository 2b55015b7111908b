import { isObject, type JsonObject, objectsOf } from '../../json.ts';
import { type FuzzClient, LONG_NAME, turnedAround } from './fuzz-client.ts';
import type { FuzzPart, FuzzTool } from './fuzz-plan.ts';

export const chatClient: FuzzClient = {
  names: ['read', 'write-file', 'mcp__files__list', '1st', LONG_NAME],
  ask({ isStream, system, parts, tools, choice, isSerial, thinks, bound }) {
    return {
      model: 'gpt-recorded',
      max_completion_tokens: bound,
      stream: isStream,
      ...(isStream ? { stream_options: { include_usage: true } } : {}),
      messages: [
        ...(system === undefined ? [] : [{ role: 'developer', content: system }]),
        { role: 'user', content: partsOf(parts) },
      ],
      ...(tools.length === 0 ? {} : { tools: tools.map(toolOf) }),
      ...(choice === undefined ? {} : { tool_choice: choiceOf(choice, tools) }),
      ...(isSerial === true ? { parallel_tool_calls: false } : {}),
      ...(thinks ? { reasoning_effort: 'medium' } : {}),
    };
  },
  goOn(before, answer, { resultOf, parts, isShuffled }) {
    const [choice] = objectsOf(answer.choices);
    const message = isObject(choice?.message) ? choice.message : { role: 'assistant', content: '' };
    const calls = objectsOf(message.tool_calls);
    const { tool_choice: demand, ...rest } = before;
    const results = calls.map((call, place) => {
      const { parts: said, isError } = resultOf(place);
      const text = said.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
      return { role: 'tool', tool_call_id: call.id, content: isError ? `Error: ${text}` : text };
    });
    const words = calls.length > 0 && !isShuffled ? [] : [{ role: 'user', content: partsOf(parts) }];
    // A message with nothing in it says so with an empty text.
    const said = message.content === null && calls.length === 0 ? { ...message, content: '' } : message;
    return {
      ...rest,
      ...(demand === undefined ? {} : { tool_choice: 'auto' }),
      messages: [...objectsOf(before.messages), said, ...turnedAround(results, isShuffled), ...words],
    };
  },
};

function partsOf(parts: readonly FuzzPart[]): readonly JsonObject[] {
  return parts.map((part): JsonObject => {
    if (part.type === 'text') return { type: 'text', text: part.text };
    if (part.type === 'image-address') return { type: 'image_url', image_url: { url: part.url } };
    return { type: 'image_url', image_url: { url: `data:image/png;base64,${part.data}`, detail: 'low' } };
  });
}

function toolOf({ name, description, schema }: FuzzTool): JsonObject {
  const head = { name, ...(description === undefined ? {} : { description }) };
  return schema === undefined
    ? { type: 'custom', custom: head }
    : { type: 'function', function: { ...head, parameters: schema } };
}

function choiceOf(
  choice: { readonly type: 'auto' | 'required' } | { readonly type: 'named'; readonly name: string },
  tools: readonly FuzzTool[],
): unknown {
  if (choice.type !== 'named') return choice.type;
  const kind = tools.find(({ name }) => name === choice.name)?.schema === undefined ? 'custom' : 'function';
  return { type: kind, [kind]: { name: choice.name } };
}
