import { MODEL } from '../upstream/answer.ts';
import { renderText } from './render-text.ts';
import type { RequestShape } from './request-shape.ts';

const MAX_TOKENS = 32_000;
/** How the spare bytes are shared: in an agent's conversation most are the system prompt and what its tools answered. */
const WEIGHTS = { system: 8, user: 1, assistant: 1, edit: 2, result: 6 } as const;
/** A turn of the person's own now and then, without calls before it; two calls at once and a failed call too. */
const EXCHANGES_PER_PERSON_TURN = 12;
const EXCHANGES_PER_PARALLEL_CALLS = 5;
const EXCHANGES_PER_FAILURE = 9;
const EXCHANGES_PER_EDIT = 3;

/** Answers text for one place; of equal places all but the first are equally long. */
type Fill = (place: keyof typeof WEIGHTS) => string;

/**
 * The body of an agent's Messages request, what `renderChatRequest` makes for the other dialect: a system prompt, turns
 * with quotes, line ends and wide characters, and tools. With tools its turns are calls, single and parallel, and their
 * results, some of them errors; without, text. Cache marks are where agents set them.
 *
 * Throws RangeError for an even number of messages: such a conversation would end with the assistant.
 */
export function renderMessagesRequest(shape: RequestShape): Buffer {
  if (shape.messages % 2 === 0)
    throw new RangeError(`A conversation has an odd number of turns, not ${shape.messages}.`);
  let weight = 0;
  const empty = Buffer.byteLength(
    JSON.stringify(
      renderBody(shape, (place) => {
        weight += WEIGHTS[place];
        return '';
      }),
    ),
  );
  const spare = shape.bytes - empty;
  const each = Math.floor(spare / weight);
  // No text may be empty: the real service refuses an empty block.
  if (each < 1) throw new RangeError(`Such a request has at least ${empty + weight} bytes, not ${shape.bytes}.`);
  let left = spare - each * weight;
  let seed = 0;
  return Buffer.from(
    JSON.stringify(
      renderBody(shape, (place) => {
        const size = each * WEIGHTS[place] + left;
        left = 0;
        seed += 1;
        return `x${renderText(size - 1, seed)}`;
      }),
    ),
  );
}

function renderBody({ messages, tools, isStream, model = MODEL }: RequestShape, fill: Fill): unknown {
  const cacheMark = { cache_control: { type: 'ephemeral' } };
  return {
    model,
    max_tokens: MAX_TOKENS,
    system: [{ type: 'text', text: fill('system'), ...cacheMark }],
    messages: Array.from({ length: messages }, (_, at) => {
      const mark = at === messages - 1 ? cacheMark : {};
      const exchange = at >> 1;
      if (at % 2 === 1) return { role: 'assistant', content: renderAssistantTurn(exchange, tools, fill) };
      if (at > 0 && hasCalls(exchange - 1, tools)) {
        return { role: 'user', content: renderResults(exchange - 1, fill, mark) };
      }
      return { role: 'user', content: [{ type: 'text', text: fill('user'), ...mark }] };
    }),
    ...(tools > 0
      ? { tools: Array.from({ length: tools }, (_, at) => renderTool(at)), tool_choice: { type: 'auto' } }
      : {}),
    metadata: { user_id: 'user_bench_session_0' },
    stream: isStream,
  };
}

/** The exchange's assistant turn asks for tools, which the user turn after it answers. */
function hasCalls(exchange: number, tools: number): boolean {
  return tools > 0 && exchange % EXCHANGES_PER_PERSON_TURN !== EXCHANGES_PER_PERSON_TURN - 1;
}

function callIdsOf(exchange: number): readonly string[] {
  const calls = exchange % EXCHANGES_PER_PARALLEL_CALLS === 0 ? 2 : 1;
  return Array.from({ length: calls }, (_, at) => `toolu_01Bench${String(exchange * 2 + at).padStart(17, '0')}`);
}

function renderAssistantTurn(exchange: number, tools: number, fill: Fill): unknown {
  const text = { type: 'text', text: fill('assistant') };
  if (!hasCalls(exchange, tools)) return [text];
  const calls = callIdsOf(exchange).map((id, at) => ({
    type: 'tool_use',
    id,
    name: `tool_${(exchange + at) % tools}`,
    input: {
      path: `packages/part-${exchange % 7}/src/file-${exchange}.ts`,
      from: exchange + 1,
      to: exchange + 80,
      ...(exchange % EXCHANGES_PER_EDIT === 0 ? { text: fill('edit') } : {}),
    },
  }));
  return [text, ...calls];
}

function renderResults(exchange: number, fill: Fill, mark: object): unknown {
  const ids = callIdsOf(exchange);
  return ids.map((id, at) => ({
    type: 'tool_result',
    tool_use_id: id,
    // Both forms are common, and a codec has a path for each.
    content: exchange % 2 === 0 ? fill('result') : [{ type: 'text', text: fill('result') }],
    ...(exchange % EXCHANGES_PER_FAILURE === EXCHANGES_PER_FAILURE - 1 ? { is_error: true } : {}),
    ...(at === ids.length - 1 ? mark : {}),
  }));
}

function renderTool(at: number): unknown {
  return {
    name: `tool_${at}`,
    description:
      'Reads a range of lines of one file of the project, or writes text there, and answers what is there then.',
    input_schema: {
      type: 'object',
      properties: {
        path: { type: 'string' },
        from: { type: 'integer', minimum: 1 },
        to: { type: 'integer' },
        text: { type: 'string' },
      },
      required: ['path'],
      additionalProperties: false,
    },
  };
}
