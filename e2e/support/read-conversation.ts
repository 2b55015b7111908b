import type { RecordedRequest } from '@proxycast/testkit';
import { readObject } from './read-object.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What a scripted model may look at. */
export type ModelRequest = Pick<RecordedRequest, 'json' | 'dialect'>;

export interface ConversationEntry {
  /** Whether it holds what a tool gave back. */
  readonly isResult: boolean;
  /** Everything it says, as JSON. */
  readonly json: string;
}

/** What was said so far, in the order the request has it: each dialect says it in its own way. */
export function readConversation({ json }: ModelRequest): readonly ConversationEntry[] {
  const { messages, input, contents } = readObject(json);
  const list = [messages, input, contents].find(Array.isArray) ?? [];
  return list.map((value: unknown) => {
    const entry = readObject(value);
    return { isResult: isResult(entry), json: JSON.stringify(entry) };
  });
}

/** Whether the request lets the model call tools: titles and other side tasks do not. */
export function offersTools({ json }: ModelRequest): boolean {
  const { tools, input, toolConfig } = readObject(json);
  const added = Array.isArray(input) && input.some((item) => readObject(item).type === 'additional_tools');
  return added || toolConfig !== undefined || (Array.isArray(tools) && tools.length > 0);
}

function isResult(entry: Fields): boolean {
  if (entry.role === 'tool') return true;
  if (entry.type === 'function_call_output' || entry.type === 'custom_tool_call_output') return true;
  const parts = [entry.content, entry.parts].find(Array.isArray) ?? [];
  return parts.some((part: unknown) => {
    const { type, functionResponse, toolResult } = readObject(part);
    return type === 'tool_result' || functionResponse !== undefined || toolResult !== undefined;
  });
}
