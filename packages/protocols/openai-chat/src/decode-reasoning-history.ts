import type { ChatBlock, RedactedThinkingBlock, TextBlock, ThinkingBlock } from '@proxycast/spec';
import { isObject, type JsonObject, textOf } from '@proxycast/wire';
import { type CarriedSignature, decodeCarried, isCarried } from './carried-signature.ts';
import { DIALECT, ownExtensions } from './dialect.ts';
import { sealReasoning } from './sealed-reasoning.ts';

/** What an assistant message of the history says of its thinking. */
export interface ReasoningHistory {
  readonly thinking: readonly ChatBlock[];
  /** Signatures that came through a conversion, of thinking and of text. */
  readonly carried: readonly CarriedSignature[];
  /** The readable thinking that the ranges of `carried` count in. */
  readonly text: string;
}

/**
 * Services and clients put the same text into several fields, so only one of them counts: `reasoning_content`, else
 * `reasoning`, else what is readable in `reasoning_details`.
 */
export function decodeReasoningHistory(message: JsonObject): ReasoningHistory {
  const details: readonly JsonObject[] = Array.isArray(message.reasoning_details)
    ? message.reasoning_details.filter(isObject)
    : [];
  const carried = details.flatMap((detail) => (isCarried(detail) ? (decodeCarried(detail) ?? []) : []));
  const foreign = details.filter((detail) => !isCarried(detail));
  const content = textOf(message.reasoning_content);
  const text = content ?? textOf(message.reasoning) ?? '';
  if (carried.length > 0) return { thinking: [], carried, text: text || readableText(foreign) };
  const form = content === undefined ? 'reasoning' : 'reasoning_content';
  const thinking = foreign.length > 0 ? decodeDetails(foreign, text) : fullThinking(text, form);
  return { thinking, carried, text };
}

function fullThinking(text: string, form: string): readonly ThinkingBlock[] {
  return text === '' ? [] : [{ type: 'thinking', parts: [text], kind: 'full', ...ownExtensions({ form }) }];
}

/** One block for each `index`, which is how services number their pieces of thinking. */
function decodeDetails(details: readonly JsonObject[], text: string): readonly ChatBlock[] {
  const groups = [...Map.groupBy(details, ({ index }) => index).values()];
  const isReadable = groups.some((group) => readableText(group) !== '');
  return groups.flatMap((group, place): readonly ChatBlock[] => {
    const value = sealReasoning(group);
    // Where no entry is readable, the text beside them is what they sealed.
    const part = isReadable ? readableText(group) : place === 0 ? text : '';
    if (value === undefined) return part === '' ? [] : [thinkingOf(group, part)];
    const signature = { origin: DIALECT, value };
    const redacted: RedactedThinkingBlock = { type: 'redacted-thinking', signature };
    return part === '' ? [redacted] : [{ ...thinkingOf(group, part), signature }];
  });
}

function thinkingOf(group: readonly JsonObject[], part: string): ThinkingBlock {
  const isSummary = group.some(({ type }) => type === 'reasoning.summary');
  return { type: 'thinking', parts: [part], kind: isSummary ? 'summary' : 'full' };
}

export const readableText = (details: readonly JsonObject[]): string =>
  details.map(({ text, summary }) => textOf(text) ?? textOf(summary) ?? '').join('');

/**
 * The blocks of an assistant message in the order of the answer it repeats: signed thinking and signed text cut out of
 * their texts and put back into their places, everything else around them in its own order.
 */
export function placeCarried(history: ReasoningHistory, texts: readonly TextBlock[], rest: readonly ChatBlock[]) {
  const placed = new Map<number, ChatBlock>();
  const thinking = placeThinking(history, placed);
  // A text that said nothing may be signed all the same, and is no block of the message.
  const [only = NO_TEXT] = texts;
  const visible = texts.length <= 1 ? placeText(history.carried, only, placed) : [...texts];
  const others: readonly ChatBlock[] = [...thinking, ...visible, ...rest];
  const blocks: ChatBlock[] = [];
  let next = 0;
  for (let place = 0; placed.size > 0 || next < others.length; place++) {
    const own = next >= others.length ? lowestOf(placed) : placed.get(place);
    if (own !== undefined) {
      blocks.push(own);
      for (const [at, block] of placed) if (block === own) placed.delete(at);
      continue;
    }
    const other = others[next++];
    if (other !== undefined) blocks.push(other);
  }
  return blocks;
}

const NO_TEXT: TextBlock = { type: 'text', text: '' };

function lowestOf(placed: ReadonlyMap<number, ChatBlock>): ChatBlock | undefined {
  return placed.get(Math.min(...placed.keys()));
}

/** What of the thinking nobody signed; what was signed goes to its place. */
function placeThinking({ carried, text }: ReasoningHistory, placed: Map<number, ChatBlock>): readonly ChatBlock[] {
  const signed = carried.filter(({ kind }) => kind === 'thinking' || kind === 'summary');
  for (const { kind, place, signature } of carried) {
    if (kind === 'redacted') placed.set(freePlace(place, placed), { type: 'redacted-thinking', signature });
  }
  const isWhole =
    fitsInto(signed, text) && signed.every((entry) => (entry.text ?? '') === '' || isAtItsPlace(entry, text));
  let from = 0;
  const rest: ChatBlock[] = [];
  for (const { kind, start, end, place, signature, text: own } of signed) {
    // A client that kept only a piece of the text changed what was signed: the entry has it. Without that, one signature
    // keeps it all, several keep none of it.
    const part = isWhole ? text.slice(start, end) : (own ?? (signed.length === 1 ? text : ''));
    placed.set(freePlace(place, placed), {
      type: 'thinking',
      parts: part === '' ? [] : [part],
      kind: kind === 'summary' ? 'summary' : 'full',
      signature,
    });
    if (isWhole) {
      rest.push(...unsigned(text.slice(from, start)));
      from = end;
    }
  }
  if (isWhole || (signed.length > 1 && signed.some((entry) => entry.text === undefined)))
    rest.push(...unsigned(text.slice(from)));
  return rest;
}

const unsigned = (text: string): readonly ChatBlock[] =>
  text.trim() === ''
    ? []
    : [{ type: 'thinking', parts: [text.replace(/^\n\n/, '').replace(/\n\n$/, '')], kind: 'full' }];

function placeText(
  carried: readonly CarriedSignature[],
  block: TextBlock,
  placed: Map<number, ChatBlock>,
): readonly TextBlock[] {
  const signed = carried.filter(({ kind }) => kind === 'text');
  const { text } = block;
  if (signed.length === 0 || !fitsInto(signed, text)) return text === '' ? [] : [block];
  let from = 0;
  const rest: TextBlock[] = [];
  const keep = (piece: string) => {
    if (piece !== '') rest.push({ ...block, text: piece });
  };
  for (const { start, end, place, signature } of signed) {
    keep(text.slice(from, start));
    placed.set(freePlace(place, placed), { ...block, text: text.slice(start, end), signature });
    from = end;
  }
  keep(text.slice(from));
  return rest;
}

const isAtItsPlace = ({ start, end, text: own }: CarriedSignature, text: string): boolean =>
  text.slice(start, end) === own;

/** Whether the ranges are in order and inside the text. */
function fitsInto(signed: readonly CarriedSignature[], text: string): boolean {
  let from = 0;
  return signed.every(({ start, end }) => {
    const isInOrder = start >= from && end >= start && end <= text.length;
    from = end;
    return isInOrder;
  });
}

function freePlace(place: number, placed: ReadonlyMap<number, ChatBlock>): number {
  let free = Math.max(0, place);
  while (placed.has(free)) free++;
  return free;
}
