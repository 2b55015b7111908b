import { fitCallId, inputObjectOf, mediaKindOf, refuseMediaKind, signatureFor } from '@proxycast/conversion';
import {
  type ChatBlock,
  type EncodeRequestContext,
  type MediaBlock,
  type TextBlock,
  type ToolResultBlock,
  unreachable,
} from '@proxycast/spec';
import { isObject, type JsonObject } from '@proxycast/wire';
import { isOwnServerBlock } from './answer-content.ts';
import { encodeCacheControl } from './cache-control.ts';
import { CALL_ID_RULE } from './call-id-rule.ts';
import { DIALECT, ownFields } from './dialect.ts';
import { encodeCitation, isOwnCitation } from './encode-citation.ts';
import { encodeSource } from './encode-source.ts';
import { isServerToolId } from './server-tool-kind.ts';

/** A content block that is being put together; the marks of the cache are moved about before it goes. */
export type Content = Record<string, unknown>;

export type BlockEncoding = Pick<EncodeRequestContext, 'origin' | 'report'>;

/** A block as the API takes it; `undefined` where it has to stay away. Throws InvalidRequestError for what changes the meaning. */
export function encodeBlock(block: ChatBlock, field: string, encoding: BlockEncoding): Content | undefined {
  switch (block.type) {
    case 'text':
      return encodeText(block);
    case 'refusal':
      return isBlank(block.text) ? undefined : { type: 'text', text: block.text };
    case 'image':
    case 'document':
      return encodeMedia(block, field, encoding);
    case 'audio':
    case 'video':
      throw refuseMediaKind(block.type, 'text, images or documents', field);
    case 'tool-call':
      return encodeCall(block, field, encoding);
    case 'tool-result':
      return encodeResult(block, field, encoding);
    case 'thinking': {
      const signature = block.signature === undefined ? undefined : signatureOf(block.signature, encoding);
      // Without the very signature it was made with, the API refuses thinking; that of finished turns may be left out.
      if (signature === undefined) return undefined;
      return { type: 'thinking', thinking: block.parts.join('\n\n'), signature, ...ownFields(block.extensions) };
    }
    case 'redacted-thinking': {
      const data = signatureOf(block.signature, encoding);
      return data === undefined ? undefined : { type: 'redacted_thinking', data, ...ownFields(block.extensions) };
    }
    case 'server-tool-call':
    case 'server-tool-result':
      return encodeServerBlock(block, field, encoding);
    case 'opaque':
      if (block.protocol === DIALECT) return { ...block.value };
      encoding.report(field, 'dropped');
      return undefined;
    default:
      return unreachable(block);
  }
}

const signatureOf = (signature: Parameters<typeof signatureFor>[0], { origin }: BlockEncoding): string | undefined =>
  signatureFor(signature, { origin, dialect: DIALECT });

/** What the API calls empty. */
export const isBlank = (text: string): boolean => text.trim() === '';

function encodeText(block: TextBlock): Content | undefined {
  if (isBlank(block.text)) return undefined;
  const citations = block.citations?.map(encodeCitation).filter((citation) => citation !== undefined);
  const own = citations?.filter(isOwnCitation) ?? [];
  return {
    type: 'text',
    text: block.text,
    ...(own.length === 0 ? {} : { citations: own }),
    ...ownFields(block.extensions),
    ...marked(block),
  };
}

const marked = ({ cache }: ChatBlock): JsonObject =>
  cache === undefined ? {} : { cache_control: encodeCacheControl(cache) };

function encodeMedia(block: MediaBlock, field: string, encoding: BlockEncoding): Content {
  const own = ownFields(block.extensions);
  // A search result of the client's is a document only to others.
  if (typeof own.type === 'string') return { ...own, ...marked(block) };
  // The API takes no empty title.
  const type = mediaKindOf(block);
  const title = type === 'document' && block.title ? { title: block.title } : {};
  const source = isObject(own.source) ? own.source : encodeSource({ ...block, type }, field, encoding);
  return { type, ...title, ...own, source, ...marked(block) };
}

function encodeCall(
  block: ChatBlock & { readonly type: 'tool-call' },
  field: string,
  encoding: BlockEncoding,
): Content {
  const input = inputObjectOf(block);
  if (typeof block.input === 'string' && '_raw' in input) encoding.report(field, 'changed');
  return {
    type: 'tool_use',
    id: fitCallId(block.callId, CALL_ID_RULE),
    name: block.name,
    input,
    ...ownFields(block.extensions),
    ...marked(block),
  };
}

/** What may stand inside a result. */
const RESULT_PARTS = new Set<unknown>(['text', 'image', 'document', 'search_result', 'tool_reference']);

function encodeResult(block: ToolResultBlock, field: string, encoding: BlockEncoding): Content {
  const content: Content[] = [];
  block.blocks.forEach((inner, index) => {
    const place = `${field}.content.${index}`;
    const part = encodeBlock(inner, place, encoding);
    if (part === undefined) return;
    if (RESULT_PARTS.has(part.type)) content.push(part);
    else encoding.report(place, 'dropped');
  });
  return {
    type: 'tool_result',
    tool_use_id: fitCallId(block.callId, CALL_ID_RULE),
    ...(content.length === 0 ? {} : { content }),
    ...(block.isError === undefined ? {} : { is_error: block.isError }),
    ...ownFields(block.extensions),
    ...marked(block),
  };
}

/** A call that another service ran, or its result, has no form the API would take: what was found is encrypted here. */
function encodeServerBlock(
  block: ChatBlock & { readonly type: 'server-tool-call' | 'server-tool-result' },
  field: string,
  { report }: BlockEncoding,
): Content | undefined {
  const own = ownFields(block.extensions);
  if (!isOwnServerBlock(block.extensions) || !isServerToolId(block.callId)) {
    report(field, 'dropped');
    return undefined;
  }
  return block.type === 'server-tool-call'
    ? { ...own, id: block.callId, name: block.name, input: inputObjectOf(block), ...marked(block) }
    : { ...own, tool_use_id: block.callId, ...marked(block) };
}
