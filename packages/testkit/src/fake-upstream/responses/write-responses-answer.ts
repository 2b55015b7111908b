import { arrayOf, isObject, isString, type JsonObject } from '../../json.ts';
import { type ScriptedCall, type ScriptedMessage, textPieces, usageOf } from '../answer.ts';
import type { AnswerContext, WrittenAnswer } from '../dialect.ts';
import { openAiRequestId } from '../openai-errors.ts';

interface OutputItem {
  readonly item: JsonObject;
  /** Events between `output_item.added` and `output_item.done`, without sequence numbers. */
  readonly events: readonly JsonObject[];
  readonly added: JsonObject;
}

/** An answer as OpenAI writes a response, whole or as events: protocols.md 3.2 and 3.3. */
export function writeResponsesAnswer(content: ScriptedMessage, context: AnswerContext): WrittenAnswer {
  const { request, nowMs, rules } = context;
  const body = isObject(request.json) ? request.json : {};
  const headers = { 'x-request-id': openAiRequestId(request.index), 'openai-processing-ms': '7' };
  const items = writeItems(content, context);
  const counted = usageOf(content);
  const isCut = content.stop !== undefined;
  const created = Math.floor(nowMs / 1000);
  const open: JsonObject = {
    id: `resp_fake${request.index}`,
    object: 'response',
    created_at: created,
    status: 'in_progress',
    background: body.background === true,
    error: null,
    incomplete_details: null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    model: request.model ?? 'gpt-fake',
    output: [],
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: body.previous_response_id ?? null,
    reasoning: body.reasoning ?? { effort: null, summary: null },
    service_tier: 'default',
    store: body.store !== false,
    temperature: body.temperature ?? 1,
    text: body.text ?? { format: { type: 'text' } },
    tool_choice: body.tool_choice ?? 'auto',
    tools: arrayOf(body.tools),
    top_p: body.top_p ?? 1,
    truncation: body.truncation ?? 'disabled',
    usage: null,
    user: null,
    metadata: body.metadata ?? {},
  };
  const done: JsonObject = {
    ...open,
    status: isCut ? 'incomplete' : 'completed',
    ...(isCut
      ? { incomplete_details: { reason: content.stop === 'length' ? 'max_output_tokens' : 'content_filter' } }
      : { completed_at: created }),
    output: items.map(({ item }) => item),
    usage: {
      input_tokens: counted.input,
      input_tokens_details: { cached_tokens: counted.cacheRead },
      output_tokens: counted.output,
      output_tokens_details: { reasoning_tokens: counted.reasoning },
      total_tokens: counted.input + counted.output,
    },
  };
  if (body.store !== false) {
    const input = isString(body.input)
      ? [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: body.input }] }]
      : arrayOf(body.input);
    rules.memory.responses.set(`resp_fake${request.index}`, {
      response: done,
      input,
      isBackground: body.background === true,
    });
  }
  if (!request.isStream) {
    return { headers: { ...headers, 'content-type': 'application/json' }, frames: [JSON.stringify(done)] };
  }
  const events: JsonObject[] = [
    { type: 'response.created', response: open },
    { type: 'response.in_progress', response: open },
    ...items.flatMap(({ item, added, events: inner }, index) => [
      { type: 'response.output_item.added', output_index: index, item: added },
      ...inner.map((event) => ({ ...event, output_index: index, item_id: item.id })),
      { type: 'response.output_item.done', output_index: index, item },
    ]),
    { type: isCut ? 'response.incomplete' : 'response.completed', response: done },
  ];
  return {
    headers: { ...headers, 'content-type': 'text/event-stream; charset=utf-8' },
    frames: events.map((event, index) => responsesEvent({ ...event, sequence_number: index })),
  };
}

export function responsesEvent(event: JsonObject): string {
  return `event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`;
}

function writeItems(content: ScriptedMessage, { request, rules }: AnswerContext): readonly OutputItem[] {
  const items: OutputItem[] = [];
  if (content.thinking !== undefined) {
    const encrypted = Buffer.from(`openai reasoning ${request.index} ${content.thinking}`).toString('base64');
    rules.memory.signatures.set(encrypted, '');
    const id = `rs_fake${request.index}`;
    const part = { type: 'summary_text', text: content.thinking };
    const at = { summary_index: 0 };
    items.push({
      added: { id, type: 'reasoning', summary: [] },
      item: { id, type: 'reasoning', summary: [part], encrypted_content: encrypted },
      events: [
        { type: 'response.reasoning_summary_part.added', ...at, part: { ...part, text: '' } },
        ...textPieces(content.thinking).map((delta) => ({
          type: 'response.reasoning_summary_text.delta',
          ...at,
          delta,
        })),
        { type: 'response.reasoning_summary_text.done', ...at, text: content.thinking },
        { type: 'response.reasoning_summary_part.done', ...at, part },
      ],
    });
  }
  const pieces = textPieces(content.text);
  if (pieces.length > 0) {
    const id = `msg_fake${request.index}`;
    const text = pieces.join('');
    const part = { type: 'output_text', annotations: [], logprobs: [], text };
    const at = { content_index: 0 };
    const message = { id, type: 'message', role: 'assistant' };
    items.push({
      added: { ...message, status: 'in_progress', content: [] },
      item: { ...message, status: 'completed', content: [part] },
      events: [
        { type: 'response.content_part.added', ...at, part: { ...part, text: '' } },
        ...pieces.map((delta) => ({ type: 'response.output_text.delta', ...at, delta, logprobs: [] })),
        { type: 'response.output_text.done', ...at, text, logprobs: [] },
        { type: 'response.content_part.done', ...at, part },
      ],
    });
  }
  for (const [position, call] of (content.calls ?? []).entries()) {
    if (call.freeText !== undefined) {
      items.push(writeCustomCall(call, call.freeText, `${request.index}_${position}`));
      continue;
    }
    const json = JSON.stringify(call.input);
    const middle = Math.floor(json.length / 2);
    const base = {
      id: `fc_fake${request.index}_${position}`,
      type: 'function_call',
      call_id: call.id ?? `call_fake${request.index}_${position}`,
      name: call.name,
      ...(call.namespace === undefined ? {} : { namespace: call.namespace }),
    };
    items.push({
      added: { ...base, arguments: '', status: 'in_progress' },
      item: { ...base, arguments: json, status: 'completed' },
      events: [
        ...[json.slice(0, middle), json.slice(middle)].map((delta) => ({
          type: 'response.function_call_arguments.delta',
          delta,
        })),
        { type: 'response.function_call_arguments.done', arguments: json, name: call.name },
      ],
    });
  }
  return items;
}

/** A call of a tool that takes free text: protocols.md 3.3. */
function writeCustomCall({ id, name, namespace }: ScriptedCall, input: string, place: string): OutputItem {
  const base = {
    id: `ctc_fake${place}`,
    type: 'custom_tool_call',
    call_id: id ?? `call_fake${place}`,
    name,
    ...(namespace === undefined ? {} : { namespace }),
  };
  const middle = Math.floor(input.length / 2);
  const at = /[\uDC00-\uDFFF]/.test(input.charAt(middle)) ? middle + 1 : middle;
  return {
    added: { ...base, input: '', status: 'in_progress' },
    item: { ...base, input, status: 'completed' },
    events: [
      ...[input.slice(0, at), input.slice(at)].map((delta) => ({
        type: 'response.custom_tool_call_input.delta',
        delta,
      })),
      { type: 'response.custom_tool_call_input.done', input },
    ],
  };
}
