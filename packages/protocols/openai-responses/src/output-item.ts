import type { JsonObject } from '@proxycast/wire';

/** An item of the answer while it grows. */
export type OutputItem =
  | { readonly type: 'message'; readonly id: string; text: string }
  | {
      readonly type: 'function_call';
      readonly id: string;
      readonly callId: string;
      readonly name: string;
      json: string;
    };

/** The API checks the prefixes of item ids, so a client that sends them back must have got the right ones. */
export const messageItem = (responseId: string, index: number): OutputItem => ({
  type: 'message',
  id: `msg_${suffixOf(responseId)}_${index}`,
  text: '',
});

export const callItem = (responseId: string, index: number, callId: string, name: string): OutputItem => ({
  type: 'function_call',
  id: `fc_${suffixOf(responseId)}_${index}`,
  callId,
  name,
  json: '',
});

export const responseIdOf = (id: string): string => (id.startsWith('resp_') ? id : `resp_${id}`);
const suffixOf = (responseId: string): string => responseId.replace(/^resp_/, '');

export function encodeItem(item: OutputItem, status: 'in_progress' | 'completed'): JsonObject {
  if (item.type === 'message') {
    const content = status === 'completed' ? [encodeTextPart(item.text)] : [];
    return { id: item.id, type: 'message', status, content, role: 'assistant' };
  }
  const input = status === 'completed' ? argumentsOf(item.json) : '';
  return { id: item.id, type: 'function_call', status, arguments: input, call_id: item.callId, name: item.name };
}

export const encodeTextPart = (text: string): JsonObject => ({
  type: 'output_text',
  annotations: [],
  logprobs: [],
  text,
});

/** Clients parse the arguments, and no text at all is no JSON. */
export const argumentsOf = (json: string): string => (json === '' ? '{}' : json);
