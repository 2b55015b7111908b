import { MODEL } from '../upstream/answer.ts';

/** A chat request to be made; see renderChatRequest. */
export interface ChatRequestShape {
  /** Of the whole body, exact. */
  readonly bytes: number;
  readonly messages: number;
  readonly tools: number;
  readonly isStream: boolean;
  /** Absent: the model of the fake upstream. */
  readonly model?: string;
}

const WORDS =
  'the file holds a table of "names"\nand\tpaths; read it, then write {"a": [1, 2]} é 你好 back \\ slash and go on '.split(
    ' ',
  );
const ROLES = ['user', 'assistant'];

/** The body of an agent's chat request: a system prompt, turns with quotes, line ends and wide characters, and tools. */
export function renderChatRequest({ bytes, messages, tools, isStream, model = MODEL }: ChatRequestShape): Buffer {
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

/** Text that takes `size` bytes inside a JSON string. */
function renderText(size: number, seed: number): string {
  let text = '';
  let left = size;
  for (let at = seed * 7; left > 0; at += 1) {
    const word = `${WORDS[at % WORDS.length] ?? ''} `;
    const cost = Buffer.byteLength(JSON.stringify(word)) - 2;
    if (cost > left) break;
    text += word;
    left -= cost;
  }
  return text + '.'.repeat(Math.max(left, 0));
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
