import type { FakeDialectId } from '../fake-upstream/recorded-request.ts';
import type { JsonObject } from '../json.ts';
import { isObject, isString, objectsOf } from '../json.ts';

/**
 * What a client of the dialect sends next: its request before, the answer it was given as it was given, a result for each call,
 * and a word of the user's. By the plain rules of each API, as SDK examples show them.
 */
export function nextRequest(dialect: FakeDialectId, before: JsonObject, answer: JsonObject): JsonObject {
  switch (dialect) {
    case 'anthropic':
      return afterAnthropic(before, answer);
    case 'openai':
      return afterChat(before, answer);
    case 'responses':
      return afterResponses(before, answer);
    case 'gemini':
      return afterGemini(before, answer);
  }
}

export const RESULT_TEXT = 'The tool says: done.';
export const NEXT_TEXT = 'Go on, please.';

function afterAnthropic(before: JsonObject, { content }: JsonObject): JsonObject {
  const blocks = objectsOf(content).filter(
    (block) => block.type !== 'text' || (isString(block.text) && block.text.trim() !== ''),
  );
  const results = blocks
    .filter((block) => block.type === 'tool_use')
    .map((block) => ({ type: 'tool_result', tool_use_id: block.id, content: RESULT_TEXT }));
  const next = results.length > 0 ? results : [{ type: 'text', text: NEXT_TEXT }];
  return {
    ...before,
    messages: [
      ...objectsOf(before.messages),
      ...(blocks.length === 0 ? [] : [{ role: 'assistant', content: blocks }]),
      { role: 'user', content: next },
    ],
  };
}

function afterChat(before: JsonObject, answer: JsonObject): JsonObject {
  const [choice] = objectsOf(answer.choices);
  const message = isObject(choice?.message) ? choice.message : {};
  const calls = objectsOf(message.tool_calls);
  const results = calls.map((call) => ({ role: 'tool', tool_call_id: call.id, content: RESULT_TEXT }));
  return {
    ...before,
    messages: [
      ...objectsOf(before.messages),
      message,
      ...(calls.length > 0 ? results : [{ role: 'user', content: NEXT_TEXT }]),
    ],
  };
}

function afterResponses(before: JsonObject, { output }: JsonObject): JsonObject {
  const items = objectsOf(output);
  const results = items.flatMap((item) => {
    const result = { call_id: item.call_id, output: RESULT_TEXT };
    if (item.type === 'function_call') return [{ type: 'function_call_output', ...result }];
    return item.type === 'custom_tool_call' ? [{ type: 'custom_tool_call_output', ...result }] : [];
  });
  const input = isString(before.input) ? [{ role: 'user', content: before.input }] : objectsOf(before.input);
  return {
    ...before,
    input: [...input, ...items, ...(results.length > 0 ? results : [{ role: 'user', content: NEXT_TEXT }])],
  };
}

function afterGemini(before: JsonObject, answer: JsonObject): JsonObject {
  const [candidate] = objectsOf(answer.candidates);
  const content = isObject(candidate?.content) ? candidate.content : {};
  const parts = objectsOf(content.parts);
  const results = parts.flatMap(({ functionCall: call }) =>
    isObject(call)
      ? [
          {
            functionResponse: {
              ...(isString(call.id) ? { id: call.id } : {}),
              name: call.name,
              response: { result: RESULT_TEXT },
            },
          },
        ]
      : [],
  );
  return {
    ...before,
    contents: [
      ...objectsOf(before.contents),
      ...(parts.length === 0 ? [] : [{ role: 'model', parts }]),
      { role: 'user', parts: results.length > 0 ? results : [{ text: NEXT_TEXT }] },
    ],
  };
}
