import { EMPTY_MARK } from './time-mark.ts';

/** What an upstream writes, one buffer each. Together they are one whole OpenAI chat stream. */
export type ChatStream = readonly Buffer[];

const WORDS = [
  'proxy',
  ' answers',
  ' with',
  ' a',
  ' token',
  ', then',
  ' another',
  '…',
  ' "quoted"',
  '\n',
  ' 你好',
  ' done.',
];
const HEAD = { id: 'chatcmpl-BenchBenchBenchBenchBench0', object: 'chat.completion.chunk', created: 1_790_000_000 };

export interface ChatStreamParts {
  readonly chunks: number;
  readonly model: string;
  /** The words are marks to be stamped with the time of each write. */
  readonly isTimed?: boolean;
}

/**
 * `chunks` writes of some 200 bytes: the role, the text, and in the last one the finish reason, the usage and `[DONE]`,
 * which upstreams send together.
 */
export function renderChatStream({ chunks, model, isTimed = false }: ChatStreamParts): ChatStream {
  if (!Number.isInteger(chunks) || chunks < 2) throw new RangeError(`A stream has at least 2 chunks, not ${chunks}.`);
  const event = (choices: readonly unknown[], usage: unknown): string =>
    `data: ${JSON.stringify({ ...HEAD, model, service_tier: 'default', choices, usage })}\n\n`;
  const delta = (value: unknown, finish: string | null): readonly unknown[] => [
    { index: 0, delta: value, logprobs: null, finish_reason: finish },
  ];
  const texts = Array.from({ length: chunks - 1 }, (_, at) =>
    event(
      delta(at === 0 ? { role: 'assistant', content: '' } : { content: isTimed ? EMPTY_MARK : wordAt(at) }, null),
      null,
    ),
  );
  const usage = { prompt_tokens: 37_500, completion_tokens: chunks, total_tokens: 37_500 + chunks };
  const last = `${event(delta({}, 'stop'), null)}${event([], usage)}data: [DONE]\n\n`;
  return [...texts, last].map((text) => Buffer.from(text));
}

/** All that a stream of so many chunks says, unless it is timed. */
export function textOfChatStream(chunks: number): string {
  return Array.from({ length: chunks - 2 }, (_, at) => wordAt(at + 1)).join('');
}

/** The role comes before it, so that this is what a person sees first. */
export const FIRST_TOKEN = wordAt(1);

function wordAt(at: number): string {
  return WORDS[at % WORDS.length] ?? '';
}
