import { type CallIdRule, fitCallId, inputTextOf, resultTextOf, signatureFor } from '@proxycast/conversion';
import type {
  ChatBlock,
  ChatTurn,
  JsonObject,
  MediaBlock,
  RefusalBlock,
  TextBlock,
  ToolCallBlock,
  ToolResultBlock,
} from '@proxycast/spec';
import type { ArrangedTurn } from './arrange-turns.ts';
import { encodeCacheControl } from './cache-control.ts';
import { DIALECT, ownFieldsOf } from './dialect.ts';
import { encodeMedia } from './encode-media.ts';
import { type EncodedReasoning, encodeReasoningHistory } from './encode-reasoning-history.ts';
import { withThoughtSignature } from './thought-signature.ts';
import type { TurnTarget } from './turn-target.ts';

/** The messages of a conversation; a turn that holds nothing the dialect can say is left out. */
export function encodeTurns(turns: readonly ArrangedTurn[], target: TurnTarget): readonly JsonObject[] {
  const messages: JsonObject[] = [];
  const last = turns.length - 1;
  for (const [at, { turn, place }] of turns.entries()) {
    const path = `messages.${place}`;
    switch (turn.role) {
      case 'system':
        messages.push(...encodeSystem(turn, path, target));
        break;
      case 'user':
        messages.push(...encodeUser(turn, path, target));
        break;
      case 'assistant':
        messages.push(...encodeAssistant(turn, path, target, at === last));
        break;
      case 'tool':
        for (const block of turn.blocks) {
          if (block.type === 'tool-result') messages.push(encodeResult(block, path, target));
        }
        break;
    }
  }
  return messages.length > 0 ? messages : [{ role: 'user', content: '' }];
}

/** Speakers as the API takes them: without blanks and brackets. */
const SPEAKER = /^[^\s<|\\/>]{1,64}$/;

function nameOf({ name }: ChatTurn, { quirks, isOwn }: TurnTarget): JsonObject {
  const isTaken = name !== undefined && !quirks.unsupported.includes('name') && (isOwn || SPEAKER.test(name));
  return isTaken ? { name } : {};
}

function encodeSystem(turn: ChatTurn, path: string, target: TurnTarget): readonly JsonObject[] {
  const texts = textsOf(turn, path, target);
  const { role, ...rest } = ownFieldsOf(turn);
  // From another dialect they are the parts of one instruction; several services take one text only.
  const content = target.isOwn ? encodeContent(texts, target, '\n\n') : encodeJoined(texts, target);
  if (content === '' && !target.isOwn) return [];
  const isDeveloper = role === 'developer' && target.quirks.developerRole;
  return [{ role: isDeveloper ? 'developer' : 'system', content, ...nameOf(turn, target), ...rest }];
}

/** Text blocks of a turn; what is none has no place there. */
function textsOf(turn: ChatTurn, path: string, { report }: TurnTarget): readonly TextBlock[] {
  return turn.blocks.filter((block, index): block is TextBlock => {
    if (block.type !== 'text') report(`${path}.content.${index}`, 'dropped');
    return block.type === 'text';
  });
}

function encodeUser(turn: ChatTurn, path: string, target: TurnTarget): readonly JsonObject[] {
  const parts = turn.blocks.flatMap((block, index): readonly Part[] => {
    const field = `${path}.content.${index}`;
    const part = encodeUserPart(block, field, target);
    if (part === undefined) target.report(field, 'dropped');
    return part ?? [];
  });
  const content = contentOf(parts, target, '\n\n');
  if (content === '' && !target.isOwn) return [];
  return [{ role: 'user', content, ...nameOf(turn, target), ...ownFieldsOf(turn) }];
}

/** A part, or the text it would only hold. */
type Part = string | JsonObject;

function encodeUserPart(block: ChatBlock, field: string, target: TurnTarget): readonly Part[] | undefined {
  switch (block.type) {
    case 'text':
      return block.text === '' && !target.isOwn ? [] : [encodeText(block, target)];
    case 'refusal':
      return [block.text];
    case 'image':
    case 'document':
    case 'audio':
    case 'video':
      return [plainText(marked(encodeMedia(block, field, target), block, target))];
    case 'opaque':
      return block.protocol === DIALECT ? [block.value] : undefined;
    default:
      return undefined;
  }
}

/** A text part that says nothing but its text. */
function plainText(part: JsonObject): Part {
  return part.type === 'text' && Object.keys(part).length === 2 ? String(part.text) : part;
}

function marked(part: JsonObject, { cache }: MediaBlock | TextBlock, { quirks }: TurnTarget): JsonObject {
  return cache !== undefined && quirks.cacheControl ? { ...part, cache_control: encodeCacheControl(cache) } : part;
}

const encodeText = (block: TextBlock, target: TurnTarget): Part =>
  plainText(marked({ type: 'text', text: block.text, ...ownFieldsOf(block) }, block, target));

const encodeContent = (texts: readonly TextBlock[], target: TurnTarget, gap: string): string | readonly JsonObject[] =>
  contentOf(
    texts.flatMap((text) => (text.text === '' && !target.isOwn ? [] : [encodeText(text, target)])),
    target,
    gap,
  );

function encodeJoined(texts: readonly TextBlock[], target: TurnTarget): string | readonly JsonObject[] {
  const content = encodeContent(texts, target, '\n\n');
  if (typeof content === 'string' || content.some(({ cache_control: cache }) => cache !== undefined)) return content;
  return content.map(({ text }) => text).join('\n\n');
}

/** One text as a text, several parts as parts; `gap` stands between them where the service takes one text only. */
function contentOf(parts: readonly Part[], { quirks }: TurnTarget, gap: string): string | readonly JsonObject[] {
  const [only] = parts;
  if (only === undefined) return '';
  if (parts.length === 1 && typeof only === 'string') return only;
  if (quirks.textContent === 'string' && parts.every(isText)) return parts.map(textOfPart).join(gap);
  return parts.map((part) => (typeof part === 'string' ? { type: 'text', text: part } : part));
}

const isText = (part: Part): boolean => typeof part === 'string' || part.type === 'text';

const textOfPart = (part: Part): string => (typeof part === 'string' ? part : String(part.text));

function encodeAssistant(turn: ChatTurn, path: string, target: TurnTarget, isLast: boolean): readonly JsonObject[] {
  const { quirks, isOwn, report } = target;
  const texts: TextBlock[] = [];
  const calls: ToolCallBlock[] = [];
  const refusals: RefusalBlock[] = [];
  const others: Record<string, unknown> = {};
  for (const [index, block] of turn.blocks.entries()) {
    switch (block.type) {
      case 'text':
        texts.push(block);
        break;
      case 'refusal':
        refusals.push(block);
        break;
      case 'tool-call':
        calls.push(block);
        break;
      case 'thinking':
      case 'redacted-thinking':
        break;
      case 'audio': {
        const { source, transcript } = block;
        if (source.type === 'file-id' && (source.origin === DIALECT || source.origin === target.origin)) {
          others.audio = { id: source.fileId };
          break;
        }
        if (transcript !== undefined) texts.push({ type: 'text', text: transcript });
        report(`${path}.content.${index}`, transcript === undefined ? 'dropped' : 'changed');
        break;
      }
      default:
        report(`${path}.content.${index}`, 'dropped');
    }
  }
  const reasoning = encodeReasoningHistory(turn, target, calls.length > 0);
  const said = encodeContent(texts, target, '');
  const content = withThinking(said, reasoning);
  const isSilent = content === '' && calls.length === 0 && refusals.length === 0 && others.audio === undefined;
  if (isSilent && !isOwn && Object.keys(reasoning.fields).length === 0) return [];
  const { reasoning_details: _, ...rest } = ownFieldsOf(turn);
  const isContinued = isLast && calls.length === 0 && quirks.prefill === 'prefix' && rest.prefix === undefined;
  return [
    {
      role: 'assistant',
      content: content === '' && quirks.nullContent && !isSilent ? null : content,
      ...nameOf(turn, target),
      ...(refusals.length === 0 ? {} : { refusal: refusals.map(({ text }) => text).join('') }),
      ...others,
      ...reasoning.fields,
      ...encodeCalls(calls, target),
      ...rest,
      ...(isContinued ? { prefix: true } : {}),
    },
  ];
}

function withThinking(
  content: string | readonly JsonObject[],
  { parts, inline }: EncodedReasoning,
): string | readonly JsonObject[] {
  if (inline !== undefined) {
    return typeof content === 'string' ? inline + content : [{ type: 'text', text: inline }, ...content];
  }
  if (parts.length === 0) return content;
  if (typeof content !== 'string') return [...parts, ...content];
  return content === '' ? parts : [...parts, { type: 'text', text: content }];
}

/** Forty characters: the shortest limit a service has on ids. */
const ID_RULE: CallIdRule = { pattern: /^[\x21-\x7e]{1,40}$/, maxLength: 40 };
/** What a client of the dialect may have been given as an id by its service. */
const OWN_ID_RULE: CallIdRule = { pattern: /^[\s\S]{1,64}$/, maxLength: 64 };
const NINE_RULE: CallIdRule = { pattern: /^[a-zA-Z0-9]{9}$/, maxLength: 9, exactLength: 9 };

function idOf(callId: string, { quirks, isOwn }: TurnTarget): string {
  const rule = quirks.callIds === 'nine-alphanumerics' ? NINE_RULE : isOwn ? OWN_ID_RULE : ID_RULE;
  return fitCallId(callId, rule);
}

function encodeCalls(calls: readonly ToolCallBlock[], target: TurnTarget): JsonObject {
  const [first] = calls;
  if (first === undefined) return {};
  if (ownFieldsOf(first).function_call === true) {
    return { function_call: { name: first.name, arguments: inputTextOf(first) } };
  }
  return { tool_calls: calls.map((call) => encodeCall(call, target)) };
}

function encodeCall(call: ToolCallBlock, target: TurnTarget): JsonObject {
  const { signature, kind, name } = call;
  const { function_call: _, ...rest } = ownFieldsOf(call);
  const value =
    signature === undefined ? undefined : signatureFor(signature, { origin: target.origin, dialect: DIALECT });
  const input = inputTextOf(call);
  return {
    id: idOf(call.callId, target),
    type: kind,
    [kind]: kind === 'custom' ? { name, input } : { name, arguments: input },
    ...rest,
    ...(value === undefined ? {} : withThoughtSignature(value)),
  };
}

function encodeResult(result: ToolResultBlock, path: string, target: TurnTarget): JsonObject {
  const { role, name: ownName, ...rest } = ownFieldsOf(result);
  const content = contentOfResult(result, path, target);
  if (role === 'function') return { role, name: result.name, content, ...rest };
  const name = ownName === undefined || target.quirks.unsupported.includes('name') ? {} : { name: ownName };
  return { role: 'tool', tool_call_id: idOf(result.callId, target), content, ...name, ...rest };
}

const ERROR_MARK = 'Error: ';

/** Text only, as the API has it. There is no mark for an error but words. */
function contentOfResult(result: ToolResultBlock, path: string, target: TurnTarget): string | readonly JsonObject[] {
  const { blocks, isError, cache } = result;
  for (const block of blocks) {
    if (block.type !== 'text' && block.type !== 'refusal') target.report(path, 'dropped');
  }
  const texts = blocks.filter((block) => block.type === 'text');
  const isPlain = !target.isOwn || texts.every((text) => text.extensions === undefined && text.cache === undefined);
  if (!isPlain && target.quirks.textContent === 'parts') return encodeContent(texts, target, '\n');
  const text = resultTextOf(result);
  const said = isError === true && !text.startsWith('Error') ? `${ERROR_MARK}${text}` : text;
  if (cache === undefined || !target.quirks.cacheControl || target.quirks.textContent === 'string') return said;
  return [{ type: 'text', text: said, cache_control: encodeCacheControl(cache) }];
}
