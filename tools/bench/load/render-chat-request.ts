import { MODEL } from '../upstream/answer.ts';
import { renderText } from './render-text.ts';
import type { RequestShape } from './request-shape.ts';

const ROLES = ['user', 'assistant'];

/** The body of an agent's chat request: a system prompt, turns with quotes, line ends and wide characters, and tools. */
export function renderChatRequest({ bytes, messages, tools, isStream, model = MODEL }: RequestShape): Buffer {
  const render = (lengths: readonly number[]): string =>
    JSON.stringify({
      model,
      messages: lengths.map((length, at) => ({
        role: at === 0 ? 'system' : ROLES[at % 2],
        content: 'x'.repeat(length === 0 ? 0 : 1) + renderText(length - 1, at),
      })),
      ...(tools > 0 ? { tools: Array.from({ length: tools }, (_, at) => renderTool(at)), tool_choice: 'auto' } : {}),
      ...(isStream ? { stream: true, stream_options: { include_usage: true } } : { stream: false }),
    });
  const empty = Buffer.byteLength(render(Array.from({ length: messages }, () => 0)));
  const spare = bytes - empty;
  if (spare < 0) throw new RangeError(`Such a request has at least ${empty} bytes, not ${bytes}.`);
  const each = Math.floor(spare / messages);
  return Buffer.from(
    render(Array.from({ length: messages }, (_, at) => (at === 0 ? spare - each * (messages - 1) : each))),
  );
}

function renderTool(at: number): unknown {
  return {
    type: 'function',
    function: {
      name: `tool_${at}`,
      description: 'Reads a range of lines of one file of the project and answers them with their numbers.',
      parameters: {
        type: 'object',
        properties: { path: { type: 'string' }, from: { type: 'integer', minimum: 1 }, to: { type: 'integer' } },
        required: ['path'],
        additionalProperties: false,
      },
    },
  };
}
