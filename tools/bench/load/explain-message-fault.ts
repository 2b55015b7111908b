import { z } from 'zod';
import type { ExpectedMessage } from './job.ts';

const blockSchema = z.object({ type: z.literal('text'), text: z.string() });
const messageSchema = z.object({
  id: z.string().min(1),
  type: z.literal('message'),
  role: z.literal('assistant'),
  content: z.array(blockSchema),
  stop_reason: z.string().nullable(),
  usage: z.object({ input_tokens: z.int(), output_tokens: z.int() }),
});
const eventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('message_start'), message: messageSchema }),
  z.object({ type: z.literal('content_block_start'), index: z.int(), content_block: blockSchema }),
  z.object({
    type: z.literal('content_block_delta'),
    index: z.int(),
    delta: z.object({ type: z.literal('text_delta'), text: z.string() }),
  }),
  z.object({ type: z.literal('content_block_stop'), index: z.int() }),
  z.object({
    type: z.literal('message_delta'),
    delta: z.object({ stop_reason: z.string() }),
    usage: z.object({ output_tokens: z.int() }),
  }),
  z.object({ type: z.literal('message_stop') }),
  z.object({ type: z.literal('ping') }),
]);
type Event = z.output<typeof eventSchema>;

/** What a message comes to, in either form. */
interface Message {
  readonly text: string;
  readonly stopReason: string;
  readonly outputTokens: number;
}

/**
 * Why a body is not the whole message that the upstream's answer becomes in the Anthropic dialect, or undefined when it
 * is: a conversion that loses something would be fast. Looks at form, text, stop reason and tokens.
 */
export function explainMessageFault(
  body: Buffer,
  { isStream, text, outputTokens }: ExpectedMessage,
): string | undefined {
  const message = isStream ? readStream(body.toString()) : readWhole(body.toString());
  if (typeof message === 'string') return message;
  if (message.text !== text) {
    return `a message says ${message.text.length} characters where the upstream said ${text.length}, or other ones`;
  }
  if (message.stopReason !== 'end_turn') return `a message has the stop reason ${message.stopReason}`;
  if (message.outputTokens === outputTokens) return undefined;
  return `a message counts ${message.outputTokens} tokens, not ${outputTokens}`;
}

function readWhole(body: string): Message | string {
  const { data } = messageSchema.safeParse(parseJson(body));
  if (data === undefined) return `an answer is no message: ${excerpt(body)}`;
  return {
    text: data.content.map((block) => block.text).join(''),
    stopReason: data.stop_reason ?? 'null',
    outputTokens: data.usage.output_tokens,
  };
}

/** In the order in which the dialect wants its events; pings may come anywhere. */
function readStream(body: string): Message | string {
  const frames = body.split('\n\n');
  if (frames.pop() !== '') return `a stream ends within an event: ${excerpt(body.slice(-100))}`;
  const events: Event[] = [];
  for (const frame of frames) {
    const event = readFrame(frame);
    if (event === undefined) return `a stream has an event of another dialect: ${excerpt(frame)}`;
    if (event.type !== 'ping') events.push(event);
  }
  if (events[0]?.type !== 'message_start') return 'a stream does not begin with message_start';
  if (events.at(-1)?.type !== 'message_stop') return 'a stream does not end with message_stop';
  const [delta, ...others] = events.filter((event) => event.type === 'message_delta');
  if (delta === undefined || others.length > 0 || events.at(-2) !== delta) {
    return 'a stream does not tell its stop reason once, before its end';
  }
  const text = readBlocks(events.slice(1, -2));
  if (text === undefined) return 'a stream has blocks out of order';
  return { text, stopReason: delta.delta.stop_reason, outputTokens: delta.usage.output_tokens };
}

function readBlocks(events: readonly Event[]): string | undefined {
  let text = '';
  let next = 0;
  let isOpen = false;
  for (const event of events) {
    switch (event.type) {
      case 'content_block_start':
        if (isOpen || event.index !== next) return undefined;
        isOpen = true;
        text += event.content_block.text;
        break;
      case 'content_block_delta':
        if (!isOpen || event.index !== next) return undefined;
        text += event.delta.text;
        break;
      case 'content_block_stop':
        if (!isOpen || event.index !== next) return undefined;
        isOpen = false;
        next += 1;
        break;
      default:
        return undefined;
    }
  }
  return isOpen ? undefined : text;
}

function readFrame(frame: string): Event | undefined {
  const [name, data, ...others] = frame.split('\n');
  if (name === undefined || data === undefined || others.length > 0) return undefined;
  if (!name.startsWith('event: ') || !data.startsWith('data: ')) return undefined;
  const event = eventSchema.safeParse(parseJson(data.slice('data: '.length))).data;
  return event?.type === name.slice('event: '.length) ? event : undefined;
}

/** Undefined when it is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function excerpt(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}
