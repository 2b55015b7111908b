import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

// Only what is compared; a gateway may add and leave out what does not carry the conversation.
const sentTextSchema = z.object({ type: z.literal('text'), text: z.string() });
const sentSchema = z.object({
  model: z.string(),
  stream: z.boolean(),
  system: z.array(sentTextSchema),
  messages: z.array(
    z.object({
      content: z.array(
        z.discriminatedUnion('type', [
          sentTextSchema,
          z.object({ type: z.literal('tool_use'), id: z.string(), name: z.string(), input: z.unknown() }),
          z.object({
            type: z.literal('tool_result'),
            tool_use_id: z.string(),
            content: z.union([z.string(), z.array(sentTextSchema)]),
          }),
        ]),
      ),
    }),
  ),
  tools: z.array(z.object({ name: z.string(), input_schema: z.unknown() })).default([]),
});

const contentSchema = z.union([z.string(), z.array(z.object({ type: z.literal('text'), text: z.string() }))]);
const receivedSchema = z.object({
  model: z.string(),
  stream: z.boolean().default(false),
  messages: z.array(
    z.discriminatedUnion('role', [
      z.object({ role: z.enum(['system', 'developer', 'user']), content: contentSchema }),
      z.object({
        role: z.literal('assistant'),
        content: contentSchema.nullish(),
        tool_calls: z
          .array(z.object({ id: z.string(), function: z.object({ name: z.string(), arguments: z.string() }) }))
          .default([]),
      }),
      z.object({ role: z.literal('tool'), tool_call_id: z.string(), content: contentSchema }),
    ]),
  ),
  tools: z.array(z.object({ function: z.object({ name: z.string(), parameters: z.unknown() }) })).default([]),
});

/** One conversation, whichever dialect it was in. */
interface Conversation {
  readonly model: string;
  readonly isStream: boolean;
  readonly texts: readonly string[];
  readonly calls: readonly { readonly id: string; readonly name: string; readonly input: unknown }[];
  readonly answeredIds: readonly string[];
  readonly tools: readonly { readonly name: string; readonly parameters: unknown }[];
}

/**
 * What of a Messages request is not in the chat request that a gateway made of it, or undefined when all is: texts in
 * their order, calls with their input, results with their calls, tools. What is lost costs nothing, so it is looked for.
 */
export function explainLostParts(sent: Buffer, received: Buffer): string | undefined {
  const asked = readSent(sent);
  const given = readReceived(received);
  if (given === undefined) return `the upstream got no chat request: ${received.toString('utf8', 0, 200)}`;
  if (given.model !== asked.model) return `the upstream was asked for the model ${given.model}`;
  if (given.isStream !== asked.isStream) return `the upstream was asked for ${given.isStream ? 'a' : 'no'} stream`;
  if (!isDeepStrictEqual(given.tools, asked.tools)) return 'the upstream got other tools';
  if (!isDeepStrictEqual(given.calls.map(omitId), asked.calls.map(omitId))) return 'the upstream got other tool calls';
  const positions = (conversation: Conversation): readonly number[] =>
    conversation.answeredIds.map((id) => conversation.calls.findIndex((call) => call.id === id));
  if (!isDeepStrictEqual(positions(given), positions(asked))) return 'the upstream got other tool results';
  // Text may be put around a text, say that a call failed, and two may be joined.
  const text = given.texts.join('\n');
  let at = 0;
  for (const one of asked.texts) {
    const found = text.indexOf(one, at);
    if (found < 0) return `the upstream did not get the text ${JSON.stringify(one.slice(0, 60))}… in its place`;
    at = found + one.length;
  }
  return undefined;
}

function readSent(body: Buffer): Conversation {
  const { model, stream, system, messages, tools } = sentSchema.parse(JSON.parse(body.toString()));
  const blocks = messages.flatMap(({ content }) => content);
  return {
    model,
    isStream: stream,
    texts: [
      ...system.map(({ text }) => text),
      ...blocks.flatMap((block) => {
        if (block.type === 'text') return [block.text];
        return block.type === 'tool_result' ? listTexts(block.content) : [];
      }),
    ],
    calls: blocks.flatMap((block) =>
      block.type === 'tool_use' ? [{ id: block.id, name: block.name, input: block.input }] : [],
    ),
    answeredIds: blocks.flatMap((block) => (block.type === 'tool_result' ? [block.tool_use_id] : [])),
    tools: tools.map(({ name, input_schema: parameters }) => ({ name, parameters })),
  };
}

/** Undefined when it is no chat request, or has arguments that are no JSON. */
function readReceived(body: Buffer): Conversation | undefined {
  try {
    const { model, stream, messages, tools } = receivedSchema.parse(JSON.parse(body.toString()));
    return {
      model,
      isStream: stream,
      texts: messages.flatMap(({ content }) => listTexts(content ?? '')),
      calls: messages.flatMap((message) =>
        message.role === 'assistant'
          ? message.tool_calls.map(({ id, function: { name, arguments: input } }) => ({
              id,
              name,
              input: z.unknown().parse(JSON.parse(input)),
            }))
          : [],
      ),
      answeredIds: messages.flatMap((message) => (message.role === 'tool' ? [message.tool_call_id] : [])),
      tools: tools.map(({ function: { name, parameters } }) => ({ name, parameters })),
    };
  } catch {
    return undefined;
  }
}

function listTexts(content: string | readonly { readonly text: string }[]): readonly string[] {
  return typeof content === 'string' ? [content] : content.map(({ text }) => text);
}

function omitId({ name, input }: Conversation['calls'][number]): unknown {
  return { name, input };
}
