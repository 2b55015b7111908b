import { fitCallId, inputTextOf, SIGNATURE_TAG, tagSignature, UNSIGNED } from '@proxycast/conversion';
import type { ChatRequest, ChatTool, Extensions, JsonObject, ServerToolKind, Signature } from '@proxycast/spec';
import { isObject, parseObject } from '@proxycast/wire';
import { CALL_ID_RULE } from './call-id-rule.ts';
import { FRONT_MARK } from './carry-signature.ts';
import { DIALECT, ownFields } from './dialect.ts';

/** Content blocks of answers, as a whole answer and the starts of a stream have them. */

export function toolUseContent(
  call: { readonly callId: string; readonly name: string; readonly extensions?: Extensions },
  input: JsonObject,
): JsonObject {
  return {
    ...ownFields(call.extensions),
    type: 'tool_use',
    id: fitCallId(call.callId, CALL_ID_RULE),
    name: call.name,
    input,
  };
}

export const thinkingContent = (thinking: string, signature: string): JsonObject => ({
  type: 'thinking',
  thinking,
  signature,
});

export const redactedContent = (data: string): JsonObject => ({ type: 'redacted_thinking', data });

/**
 * What thinking without text says with its signature alone. Our own says so in the dialect's way; a foreign one is only
 * of use to whom it came from.
 */
export function signedContent(signature: Signature): JsonObject {
  const tagged = tagSignature(signature, DIALECT);
  return tagged === signature.value ? thinkingContent('', tagged) : redactedContent(tagged);
}

/** A signature of a call or of the text before it, which have no place for it here: see `restoreSignatures`. */
export const carrierContent = (signature: Signature): JsonObject =>
  thinkingContent('', tagSignature(signature, DIALECT));

/** A signature of the text after it. */
export const frontCarrierContent = ({ origin, value }: Signature): JsonObject =>
  carrierContent({ origin, value: FRONT_MARK + value });

/** Between the signature of a text and a call that has none: else it would be taken for the call's. */
export const SEPARATOR: JsonObject = thinkingContent('', '');

interface ServerCall {
  readonly callId: string;
  readonly tool: ServerToolKind;
  readonly name: string;
  readonly extensions?: Extensions;
}

/** Whether a call or a result of a service's tool has a form here: our own, and what other services have as well. */
export const hasServerForm = ({ tool, extensions }: Pick<ServerCall, 'tool' | 'extensions'>): boolean =>
  tool === 'web-search' || tool === 'code-execution' || tool === 'mcp' || isOwnServerBlock(extensions);

const FOREIGN_ID_RULE = { ...CALL_ID_RULE, maxLength: CALL_ID_RULE.maxLength - SIGNATURE_TAG.length - 1 };

/** The API knows the calls it gave an id, and no other: what came from elsewhere is marked, so that it never goes there. */
const foreignId = (id: string): string => `${SIGNATURE_TAG}_${fitCallId(id, FOREIGN_ID_RULE)}`;

export const isOwnServerBlock = (extensions: Extensions | undefined): boolean =>
  typeof ownFields(extensions).type === 'string';

/** `request` is what the client asked: a call of a server names one of those it gave. */
export function serverCallContent(call: ServerCall, input: JsonObject, { tools }: ChatRequest): JsonObject {
  if (isOwnServerBlock(call.extensions)) {
    return { ...ownFields(call.extensions), id: fitCallId(call.callId, CALL_ID_RULE), name: call.name, input };
  }
  const id = foreignId(call.callId);
  switch (call.tool) {
    case 'code-execution':
      return { type: 'server_tool_use', id, name: 'code_execution', input: { code: codeOf(input) } };
    case 'mcp':
      return { type: 'mcp_tool_use', id, name: call.name, server_name: serverNameIn(tools), input };
    default:
      return { type: 'server_tool_use', id, name: 'web_search', input: { query: queryOf(input) } };
  }
}

/** Other dialects do not always say which server it was; mostly there is one. */
const serverNameIn = (tools: readonly ChatTool[]): string =>
  tools.flatMap((tool) => (tool.type === 'server' && tool.mcp !== undefined ? [tool.mcp.label] : []))[0] ?? 'mcp';

/** Each dialect names the program otherwise. */
const codeOf = ({ code, command }: JsonObject): string =>
  typeof code === 'string' ? code : typeof command === 'string' ? command : '';

/** The input of a server tool's call as an object. */
export const serverInputOf = (input: JsonObject | string): JsonObject =>
  typeof input === 'string' ? (parseObject(inputTextOf({ input })) ?? {}) : input;

/** What was searched for: one query here, one of several in other dialects, some of which put it into an action. */
function queryOf(input: JsonObject): string {
  const { query, queries, action, url } = input;
  if (typeof query === 'string') return query;
  if (Array.isArray(queries)) return queries.filter((item) => typeof item === 'string').join('; ');
  // A page that was opened instead.
  if (typeof url === 'string') return url;
  return isObject(action) ? queryOf(action) : '';
}

export function serverResultContent(result: {
  readonly callId: string;
  readonly tool: ServerToolKind;
  readonly isError?: boolean;
  readonly sources?: readonly { readonly url: string; readonly title?: string }[];
  readonly text?: string;
  readonly extensions?: Extensions;
}): JsonObject {
  const { tool, isError = false, text = '' } = result;
  if (isOwnServerBlock(result.extensions)) {
    return { ...ownFields(result.extensions), tool_use_id: fitCallId(result.callId, CALL_ID_RULE) };
  }
  const id = foreignId(result.callId);
  if (tool === 'mcp') {
    const content = text === '' ? [] : [{ type: 'text', text }];
    return { type: 'mcp_tool_result', tool_use_id: id, is_error: isError, content };
  }
  if (tool === 'code-execution') {
    const said = isError ? { stdout: '', stderr: text, return_code: 1 } : { stdout: text, stderr: '', return_code: 0 };
    const content = { type: 'code_execution_result', ...said, content: [] };
    return { type: 'code_execution_tool_result', tool_use_id: id, content };
  }
  return {
    type: 'web_search_tool_result',
    tool_use_id: id,
    content: isError
      ? { type: 'web_search_tool_result_error', error_code: 'unavailable' }
      : (result.sources ?? []).map(({ url, title }) => ({
          type: 'web_search_result',
          url,
          title: title ?? url,
          // Only the service that searched can fill it in.
          encrypted_content: UNSIGNED,
          page_age: null,
        })),
  };
}
