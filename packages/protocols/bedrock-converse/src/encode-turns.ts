import {
  fitCallId,
  inputObjectOf,
  mediaKindOf,
  mediaTypeOf,
  refuseFileOfAnotherService,
  refuseMediaKind,
  refuseMediaType,
  refuseMediaUrl,
  signatureFor,
  textOf,
  wrapSystemText,
} from '@proxycast/conversion';
import type { ChatBlock, ChatTurn, EncodeRequestContext, JsonObject, MediaBlock } from '@proxycast/spec';
import { DOCUMENT_FORMATS, IMAGE_FORMATS } from './accepted-media.ts';
import type { ModelTraits } from './model-traits.ts';

const DIALECT = 'bedrock-converse';
const CALL_ID = { pattern: /^[A-Za-z0-9_.:-]{1,64}$/, maxLength: 64 };
const CACHE_POINT: JsonObject = { cachePoint: { type: 'default' } };

export interface Message {
  readonly role: 'user' | 'assistant';
  readonly content: JsonObject[];
}

/** Messages that alternate and begin with the user, as Converse wants them. */
export function encodeTurns(turns: readonly ChatTurn[], context: EncodeRequestContext, traits: ModelTraits): Message[] {
  const messages: Message[] = [];
  for (const [index, turn] of turns.entries()) {
    const role = turn.role === 'assistant' ? 'assistant' : 'user';
    const content = encodeTurn(turn, `messages.${index}`, context, traits);
    if (content.length === 0) continue;
    const last = messages.at(-1);
    if (last?.role === role) last.content.push(...content);
    else messages.push({ role, content: [...content] });
  }
  if (messages[0]?.role !== 'user') {
    messages.unshift({ role: 'user', content: [{ text: '.' }] });
    context.report('messages.0', 'added');
  }
  return messages.map(withTextBesideDocuments);
}

/** A document alone is refused: some text has to stand beside it. */
function withTextBesideDocuments(message: Message): Message {
  const hasDocument = message.content.some((part) => 'document' in part);
  if (!hasDocument || message.content.some((part) => 'text' in part)) return message;
  return { ...message, content: [...message.content, { text: '.' }] };
}

function encodeTurn(
  turn: ChatTurn,
  field: string,
  context: EncodeRequestContext,
  traits: ModelTraits,
): readonly JsonObject[] {
  if (turn.role === 'system') {
    const text = textOf(turn.blocks);
    if (text === '') return [];
    context.report(field, 'changed');
    return [{ text: wrapSystemText(text) }];
  }
  return turn.blocks.flatMap((block, at) => {
    const parts = encodeBlock(block, `${field}.content.${at}`, context);
    return block.cache !== undefined && traits.takesCachePoints && parts.length > 0 ? [...parts, CACHE_POINT] : parts;
  });
}

function encodeBlock(block: ChatBlock, field: string, context: EncodeRequestContext): readonly JsonObject[] {
  switch (block.type) {
    case 'text':
    case 'refusal':
      return block.text.trim() === '' ? [] : [{ text: block.text }];
    case 'image':
    case 'document':
    case 'video':
    case 'audio':
      return [encodeMedia(block, field)];
    case 'tool-call':
      return [
        { toolUse: { toolUseId: fitCallId(block.callId, CALL_ID), name: block.name, input: inputObjectOf(block) } },
      ];
    case 'tool-result': {
      const content = block.blocks.flatMap((inner, at) => encodeBlock(inner, `${field}.content.${at}`, context));
      return [
        {
          toolResult: {
            toolUseId: fitCallId(block.callId, CALL_ID),
            content: content.length === 0 ? [{ text: '(empty)' }] : content,
            ...(block.isError === undefined ? {} : { status: block.isError ? 'error' : 'success' }),
          },
        },
      ];
    }
    case 'thinking': {
      const signature = block.signature && signatureFor(block.signature, { origin: context.origin, dialect: DIALECT });
      return signature === undefined
        ? []
        : [{ reasoningContent: { reasoningText: { text: block.parts.join('\n\n'), signature } } }];
    }
    case 'redacted-thinking': {
      const data = signatureFor(block.signature, { origin: context.origin, dialect: DIALECT });
      return data === undefined ? [] : [{ reasoningContent: { redactedContent: data } }];
    }
    case 'server-tool-call':
    case 'server-tool-result':
    case 'opaque':
      context.report(field, 'dropped');
      return [];
  }
}

function encodeMedia(block: MediaBlock, field: string): JsonObject {
  const { source } = block;
  if (block.type === 'document' && source.type === 'text') {
    return documentOf(block, 'txt', btoa(String.fromCharCode(...new TextEncoder().encode(source.text))));
  }
  if (block.type === 'audio' || block.type === 'video') {
    throw refuseMediaKind(block.type, 'text, images or documents', field);
  }
  if (source.type === 'url') throw refuseMediaUrl(source.url, field);
  if (source.type === 'file-id') throw refuseFileOfAnotherService(field);
  if (source.type === 'text') throw refuseMediaType(source.mediaType ?? 'text/plain', TAKEN_IMAGES, field);
  // As the bytes say, since the service compares the two.
  const mediaType = mediaTypeOf(source);
  if (mediaKindOf(block) === 'image') {
    const image = IMAGE_FORMATS[mediaType];
    if (image === undefined) throw refuseMediaType(mediaType, TAKEN_IMAGES, field);
    return { image: { format: image, source: { bytes: source.data } } };
  }
  const document = DOCUMENT_FORMATS[mediaType];
  if (document === undefined) throw refuseMediaType(mediaType, 'PDF, text, CSV, HTML, Markdown, Word and Excel', field);
  return documentOf(block, document, source.data);
}

const TAKEN_IMAGES = 'JPEG, PNG, GIF and WebP';

function documentOf({ title }: MediaBlock, format: string, bytes: string): JsonObject {
  // Letters, digits, single spaces, hyphens and brackets are all a name may hold.
  const name = (title ?? '')
    .replace(/[^A-Za-z0-9\s()[\]-]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return { document: { format, name: name === '' ? 'document' : name.slice(0, 200), source: { bytes } } };
}
