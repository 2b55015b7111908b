import { inputObjectOf, tagSignature, UNSIGNED } from '@proxycast/conversion';
import {
  type ChatBlock,
  type ChatChoice,
  type ChatResponse,
  type EncodeAnswerContext,
  type JsonObject,
  type Signature,
  type TextBlock,
  type ThinkingBlock,
  unreachable,
} from '@proxycast/spec';
import {
  carrierContent,
  frontCarrierContent,
  hasServerForm,
  redactedContent,
  SEPARATOR,
  serverCallContent,
  serverInputOf,
  serverResultContent,
  signedContent,
  thinkingContent,
  toolUseContent,
} from './answer-content.ts';
import { DIALECT, ownFields } from './dialect.ts';
import { encodeCitation } from './encode-citation.ts';
import { encodeUsage } from './encode-usage.ts';
import { mapStopReason } from './map-stop-reason.ts';
import { messageId } from './message-id.ts';

/** The answer as one JSON value: what an SDK makes of the stream of the same answer. */
export function encodeAnswer(response: ChatResponse, context: EncodeAnswerContext): JsonObject {
  const { id, model, choices, usage, extensions } = response;
  const [choice] = choices;
  if (choices.length > 1) context.report?.('n', 'dropped');
  return {
    ...ownFields(extensions),
    id: messageId(id),
    type: 'message',
    role: 'assistant',
    model,
    content: choice === undefined ? [] : encodeContent(choice.blocks, context),
    ...encodeEnd(choice ?? NO_CHOICE, choice?.blocks.some(({ type }) => type === 'refusal') === true),
    usage: encodeUsage(usage ?? {}, context.estimatedInputTokens),
  };
}

const NO_CHOICE: ChatChoice = { blocks: [], reason: 'other' };

/** `stop_reason`, `stop_sequence` and what the dialect says beside them. */
export function encodeEnd(end: Omit<ChatChoice, 'blocks'>, hasRefused: boolean): JsonObject {
  const reason = hasRefused && (end.reason === 'end' || end.reason === 'other') ? 'refusal' : end.reason;
  return {
    stop_reason: mapStopReason(reason),
    stop_sequence: end.stopSequence ?? null,
    ...ownFields(end.extensions),
  };
}

function encodeContent(blocks: readonly ChatBlock[], context: EncodeAnswerContext): readonly JsonObject[] {
  const content: JsonObject[] = [];
  let trailing: Signature | undefined;
  for (const block of blocks) {
    if (trailing !== undefined) {
      content.push(carrierContent(trailing));
      if (block.type === 'tool-call' && block.signature === undefined) content.push(SEPARATOR);
    }
    const encoded = encodeBlock(block, context);
    const signature = block.type === 'text' ? block.signature : undefined;
    trailing = encoded.length === 0 ? signature : undefined;
    if (signature !== undefined && trailing === undefined) content.push(frontCarrierContent(signature));
    content.push(...encoded);
  }
  return content;
}

function encodeBlock(block: ChatBlock, context: EncodeAnswerContext): readonly JsonObject[] {
  switch (block.type) {
    case 'text':
      return encodeText(block);
    case 'refusal':
      return block.text === '' ? [] : [{ type: 'text', text: block.text }];
    case 'thinking':
      return encodeThinking(block);
    case 'redacted-thinking':
      return [redactedContent(tagSignature(block.signature, DIALECT))];
    case 'tool-call': {
      const call = toolUseContent(block, inputObjectOf(block));
      return block.signature === undefined ? [call] : [carrierContent(block.signature), call];
    }
    case 'server-tool-call':
      return hasServerForm(block) ? [serverCallContent(block, serverInputOf(block.input), context.request)] : [];
    case 'server-tool-result':
      return hasServerForm(block) ? [serverResultContent(block)] : [];
    case 'opaque':
      return block.protocol === DIALECT ? [block.value] : [];
    case 'image':
    case 'document':
    case 'audio':
    case 'video':
      context.report?.(block.type, 'dropped');
      return [];
    case 'tool-result':
      return encodeContent(block.blocks, context);
    default:
      return unreachable(block);
  }
}

/** The dialect knows no empty text. */
function encodeText({ text, citations = [], extensions }: TextBlock): readonly JsonObject[] {
  const encoded = citations.map(encodeCitation).filter((citation) => citation !== undefined);
  if (encoded.length > 0) return [{ ...ownFields(extensions), type: 'text', text, citations: encoded }];
  return text === '' ? [] : [{ ...ownFields(extensions), type: 'text', text }];
}

function encodeThinking({ parts, signature, extensions }: ThinkingBlock): readonly JsonObject[] {
  const text = parts.filter((part) => part !== '').join('\n\n');
  if (text === '') return signature === undefined ? [] : [{ ...ownFields(extensions), ...signedContent(signature) }];
  const tagged = signature === undefined ? UNSIGNED : tagSignature(signature, DIALECT);
  return [{ ...ownFields(extensions), ...thinkingContent(text, tagged) }];
}
