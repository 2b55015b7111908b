import { inputObjectOf } from '@proxycast/conversion';
import { type JsonObject, unreachable } from '@proxycast/spec';
import { textOf } from '@proxycast/wire';
import type { AnswerItem, CallItem, ItemPart, MessageItem, ReasoningItem, ServerItem } from './answer-item.ts';

/** The item as it stands: what `output_item.done` and the final response say. */
export function encodeItem(item: AnswerItem): JsonObject {
  switch (item.type) {
    case 'message':
      return encodeMessage(item, item.content.map(encodePart));
    case 'reasoning':
      return encodeReasoning(item);
    case 'function_call':
    case 'custom_tool_call':
      return encodeCall(item, item.type === 'function_call' ? argumentsOf(item) : item.input);
    case 'image_generation_call':
      return { status: item.status, ...item.rest, id: item.id, type: item.type, result: item.result };
    case 'web_search_call':
    case 'code_interpreter_call':
    case 'mcp_call':
      return encodeServerItem(item);
    case 'whole':
      return item.value;
    default:
      return unreachable(item);
  }
}

/** The item before anything has been said: what `output_item.added` says. */
export function encodeItemSkeleton(item: AnswerItem): JsonObject {
  switch (item.type) {
    case 'message':
      return encodeMessage(item, []);
    case 'function_call':
    case 'custom_tool_call':
      return encodeCall(item, '');
    case 'image_generation_call':
      return { id: item.id, type: item.type, status: 'in_progress', result: null };
    case 'reasoning':
    case 'web_search_call':
    case 'code_interpreter_call':
    case 'mcp_call':
    case 'whole':
      return encodeItem(item);
    default:
      return unreachable(item);
  }
}

/** In the order the API writes it. */
function encodeMessage({ id, status, isDone, rest }: MessageItem, content: readonly JsonObject[]): JsonObject {
  return {
    id,
    type: 'message',
    status: (isDone ? rest?.['status'] : undefined) ?? status,
    content,
    ...withoutStatus(rest),
    role: 'assistant',
  };
}

/** A status that the upstream gave is that of the end. */
function withoutStatus(rest: JsonObject | undefined): JsonObject {
  if (rest === undefined) return {};
  const { status: _, id: __, ...others } = rest;
  return others;
}

function encodeReasoning({ id, rest, summary, content, encrypted }: ReasoningItem): JsonObject {
  return {
    ...rest,
    id,
    type: 'reasoning',
    summary: summary.map(encodePart),
    ...(content.length === 0 ? {} : { content: content.map(encodePart) }),
    ...(encrypted === undefined ? {} : { encrypted_content: encrypted }),
  };
}

function encodeCall({ id, type, status, isDone, rest, callId, name, namespace }: CallItem, input: string): JsonObject {
  return {
    id,
    type,
    status: (isDone ? rest?.['status'] : undefined) ?? status,
    ...(type === 'function_call' ? { arguments: input } : { input }),
    call_id: callId,
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...withoutStatus(rest),
  };
}

/** Clients parse the arguments, and no text at all is no JSON. Arguments that were cut are left as they are. */
export const argumentsOf = ({ input, status }: CallItem): string =>
  input === '' && status !== 'incomplete' ? '{}' : input;

export function encodePart(part: MessageItem['content'][number]): JsonObject {
  if (part.type === 'whole') return part.value;
  return { ...encodeText(part), ...part.rest };
}

function encodeText({ type, text, annotations, logprobs }: ItemPart): JsonObject {
  switch (type) {
    case 'output_text':
      return { type, annotations, logprobs, text };
    case 'refusal':
      return { type, refusal: text };
    case 'summary_text':
    case 'reasoning_text':
      return { type, text };
    default:
      return unreachable(type);
  }
}

function encodeServerItem(item: ServerItem): JsonObject {
  const { id, status, isError, sources, output } = item;
  const base = { id, type: item.type, status: isError && item.isDone ? 'failed' : status };
  const input = inputObjectOf({ input: item.input });
  switch (item.type) {
    case 'web_search_call':
      return { ...base, action: searchAction(input, sources) };
    case 'code_interpreter_call':
      return {
        ...base,
        code: codeOf(input),
        container_id: '',
        outputs: output === undefined ? null : [{ type: 'logs', logs: output }],
      };
    case 'mcp_call':
      return {
        ...base,
        approval_request_id: null,
        arguments: item.input === '' ? '{}' : item.input,
        error: isError ? (output ?? 'The tool failed.') : null,
        name: item.name,
        output: isError ? null : (output ?? null),
        server_label: textOf(input['server_label']) ?? '',
      };
    default:
      return unreachable(item.type);
  }
}

/** A page that was fetched is a page that was opened. */
function searchAction(input: JsonObject, sources: ServerItem['sources']): JsonObject {
  const url = textOf(input['url']);
  if (url !== undefined) return { type: 'open_page', url };
  const query = textOf(input['query']) ?? '';
  return {
    type: 'search',
    query,
    ...(query === '' ? {} : { queries: [query] }),
    ...(sources.length === 0 ? {} : { sources: sources.map((source) => ({ type: 'url', url: source.url })) }),
  };
}

/** Each dialect names the program of its code tool otherwise. */
export const codeOf = (input: JsonObject): string => textOf(input['code']) ?? textOf(input['command']) ?? '';
