import type { StopReason } from '@proxycast/spec';
import { arrayOf, isObject, isString, type JsonObject, objectsOf } from '../../json.ts';
import { type CallFacts, type ChoiceFacts, settleStop, type UsageFacts } from '../answer-facts.ts';
import { countOf, defined, distinct, objectsIn, type RawAnswerReader, RawStreamFault, sumOf } from './raw-answer.ts';

const STOPS: Readonly<Record<string, StopReason>> = {
  STOP: 'end',
  1: 'end',
  MAX_TOKENS: 'length',
  2: 'length',
};
const REFUSALS = /^(SAFETY|RECITATION|BLOCKLIST|PROHIBITED_CONTENT|SPII|IMAGE_\w+|MODEL_ARMOR|3|4)$/;
const FAULTS = /^(MALFORMED_FUNCTION_CALL|UNEXPECTED_TOOL_CALL|TOO_MANY_TOOL_CALLS)$/;

/** protocols.md 5.2 and 5.3. */
export const rawGemini: RawAnswerReader = {
  fold(frames) {
    const candidates = new Map<number, { parts: JsonObject[]; more: JsonObject }>();
    let last: JsonObject = {};
    for (const { value } of objectsIn(frames)) {
      if (value.error !== undefined) throw new RawStreamFault(JSON.stringify(value.error));
      last = { ...last, ...value };
      for (const candidate of objectsOf(value.candidates)) {
        const index = typeof candidate.index === 'number' ? candidate.index : 0;
        const { parts, more } = candidates.get(index) ?? { parts: [], more: {} };
        const content = isObject(candidate.content) ? candidate.content : {};
        candidates.set(index, { parts: [...parts, ...objectsOf(content.parts)], more: { ...more, ...candidate } });
      }
    }
    const isFinished = [...candidates.values()].some(({ more }) => more.finishReason !== undefined);
    if (!isFinished && !isObject(last.promptFeedback)) throw new RawStreamFault('no finishReason');
    return {
      ...last,
      candidates: [...candidates].map(([index, { parts, more }]) => ({
        ...more,
        index,
        content: { role: 'model', parts: joinStreamedCalls(parts) },
      })),
    };
  },
  read(body) {
    const candidates = objectsOf(body.candidates);
    const feedback = isObject(body.promptFeedback) ? body.promptFeedback : {};
    const isBlocked = candidates.length === 0 && feedback.blockReason !== undefined;
    return {
      choices:
        isBlocked || candidates.length === 0
          ? [{ ...NOTHING, stop: isBlocked ? 'refusal' : 'other' }]
          : candidates.map(readCandidate),
      ...(isObject(body.usageMetadata) ? { usage: usageOf(body.usageMetadata) } : {}),
    };
  },
};

const NOTHING: Omit<ChoiceFacts, 'stop'> = { text: '', refusal: '', thinking: [], calls: [], cited: [], pictures: 0 };

function readCandidate(candidate: JsonObject): ChoiceFacts {
  const parts = objectsOf(isObject(candidate.content) ? candidate.content.parts : undefined);
  const thinking: string[] = [];
  let isThought = false;
  for (const part of parts) {
    if (part.thought === true && isString(part.text)) {
      if (isThought) thinking.push(`${thinking.pop() ?? ''}${part.text}`);
      else thinking.push(part.text);
    }
    isThought = part.thought === true;
  }
  const calls = parts.flatMap(({ functionCall: call }): readonly CallFacts[] =>
    isObject(call)
      ? [{ id: isString(call.id) ? call.id : '', name: String(call.name), input: call.args ?? {}, kind: 'function' }]
      : [],
  );
  const reason = String(candidate.finishReason);
  const stop = STOPS[reason] ?? (REFUSALS.test(reason) ? 'refusal' : 'other');
  return {
    text: parts.map((part) => (part.thought !== true && isString(part.text) ? part.text : '')).join(''),
    refusal: '',
    thinking: thinking.filter((text) => text !== ''),
    calls,
    cited: citedIn(candidate.groundingMetadata),
    pictures: parts.filter(({ inlineData }) => isObject(inlineData) && /^image\//.test(String(inlineData.mimeType)))
      .length,
    stop: settleStop(stop, calls.length),
  };
}

/** The pages that statements are bound to; a page that was only found is none. */
function citedIn(grounding: unknown): readonly string[] {
  if (!isObject(grounding)) return [];
  const pages = objectsOf(grounding.groundingChunks).map(({ web }) => (isObject(web) ? web.uri : undefined));
  const bound = objectsOf(grounding.groundingSupports).flatMap((support) => arrayOf(support.groundingChunkIndices));
  return distinct(bound.map((index) => pages[Number(index)]));
}

/** Whether the answer ends in a fault of the model that is an error for every client. */
export function isGeminiFault(body: JsonObject): boolean {
  return objectsOf(body.candidates).some((candidate) => FAULTS.test(String(candidate.finishReason)));
}

/** Arguments that came piece by piece, put together by their JSON paths. */
function joinStreamedCalls(parts: readonly JsonObject[]): readonly JsonObject[] {
  const joined: JsonObject[] = [];
  let open: { name: string; args: Record<string, unknown>; more: JsonObject } | undefined;
  const close = () => {
    if (open !== undefined)
      joined.push({
        ...open.more,
        functionCall: {
          ...(isObject(open.more.functionCall) ? open.more.functionCall : {}),
          name: open.name,
          args: open.args,
        },
      });
    open = undefined;
  };
  for (const part of parts) {
    const call = part.functionCall;
    const isStreamed =
      isObject(call) && (call.partialArgs !== undefined || call.willContinue !== undefined || call.name === undefined);
    if (!isStreamed || !isObject(call)) {
      joined.push(part);
      continue;
    }
    if (isString(call.name)) {
      close();
      open = { name: call.name, args: {}, more: part };
    }
    for (const piece of objectsOf(call.partialArgs)) if (open !== undefined) setPath(open.args, piece);
    if (call.willContinue !== true) close();
  }
  close();
  return joined;
}

function setPath(args: Record<string, unknown>, piece: JsonObject): void {
  const keys = [...String(piece.jsonPath).matchAll(/\.([^.[\]]+)|\[(\d+)\]|\['([^']*)'\]/g)].map(
    ([, name, index, quoted]) => (index === undefined ? (name ?? quoted ?? '') : Number(index)),
  );
  const value = piece.stringValue ?? piece.numberValue ?? piece.boolValue ?? null;
  let place: unknown = args;
  for (const [position, key] of keys.entries()) {
    if (typeof place !== 'object' || place === null) return;
    const isLast = position === keys.length - 1;
    const before: unknown = Reflect.get(place, key);
    if (isLast) Reflect.set(place, key, isString(before) && isString(value) ? before + value : value);
    else if (before === undefined) Reflect.set(place, key, typeof keys[position + 1] === 'number' ? [] : {});
    place = Reflect.get(place, key);
  }
}

function usageOf(usage: JsonObject): UsageFacts {
  const candidates = countOf(usage.candidatesTokenCount);
  const thoughts = countOf(usage.thoughtsTokenCount);
  return defined<UsageFacts>({
    input: sumOf(countOf(usage.promptTokenCount), countOf(usage.toolUsePromptTokenCount)),
    cacheRead: countOf(usage.cachedContentTokenCount),
    output: sumOf(candidates, thoughts),
    reasoning: thoughts,
  });
}
