import { isObject, type JsonObject, parseJson } from '@proxycast/wire';

/**
 * A reader of answers that shares nothing with the codec: the frames of a stream, or of an array, put together.
 *
 * What it makes equal, because the codec does not keep it apart, and why:
 * - neighbouring parts of plain text, or of plain thought, are one: they are the pieces of one text
 * - a part of an empty text without a signature is left out: it says nothing
 * - arguments that came in pieces are whole: clients of every dialect read them so
 * - a call without arguments has `{}`: that is what it means
 * - the reason to stop by number is its name, the index of the only answer is 0
 * - of counters, and of fields of the response, the last word counts
 */
export interface RawAnswer {
  readonly candidates: readonly RawCandidate[];
  readonly usage: JsonObject | undefined;
  /** `modelVersion`, `responseId`, `createTime`, `promptFeedback`, … */
  readonly fields: JsonObject;
}

export interface RawCandidate {
  readonly parts: readonly JsonObject[];
  readonly finishReason: string | undefined;
  readonly fields: JsonObject;
}

export function readRawFrames(text: string): readonly JsonObject[] {
  if (!text.trimStart().startsWith('data:')) {
    const value = parseJson(text);
    return (Array.isArray(value) ? value : [value]).filter(isObject);
  }
  return text
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => parseJson(line.slice(5)))
    .filter(isObject);
}

const REASONS: readonly string[] = ['', 'STOP', 'MAX_TOKENS'];

export function foldRawAnswer(frames: readonly JsonObject[]): RawAnswer {
  const candidates: { parts: JsonObject[]; finishReason: string | undefined; fields: Record<string, unknown> }[] = [];
  let usage: JsonObject | undefined;
  let fields: JsonObject = {};
  for (const { candidates: pieces, usageMetadata, ...rest } of frames) {
    fields = { ...fields, ...rest };
    if (isObject(usageMetadata)) usage = usageMetadata;
    for (const piece of Array.isArray(pieces) ? pieces.filter(isObject) : []) {
      const { index, content, finishReason, ...more } = piece;
      const at = typeof index === 'number' ? index : 0;
      candidates[at] ??= { parts: [], finishReason: undefined, fields: {} };
      const candidate = candidates[at];
      if (finishReason !== undefined) {
        candidate.finishReason = typeof finishReason === 'number' ? REASONS[finishReason] : String(finishReason);
      }
      for (const [name, value] of Object.entries(more)) {
        const before = candidate.fields[name];
        candidate.fields[name] = isObject(before) && isObject(value) ? { ...before, ...value } : value;
      }
      const parts = isObject(content) && Array.isArray(content.parts) ? content.parts.filter(isObject) : [];
      for (const part of parts) addRawPart(candidate.parts, part);
    }
  }
  return {
    candidates: candidates.map((candidate) => ({ ...candidate, parts: candidate.parts.map(finished) })),
    usage,
    fields,
  };
}

const isPlain = (part: JsonObject | undefined): boolean =>
  part !== undefined &&
  typeof part.text === 'string' &&
  Object.keys(part).every((name) => name === 'text' || name === 'thought');

function addRawPart(parts: JsonObject[], part: JsonObject): void {
  if (part.text === '' && isPlain(part)) return;
  const last = parts[parts.length - 1];
  if (isPlain(part) && last !== undefined && isPlain(last) && last.thought === part.thought) {
    parts[parts.length - 1] = { ...last, text: String(last.text) + String(part.text) };
    return;
  }
  const call = part.functionCall;
  const open = last?.functionCall;
  if (isObject(call) && call.name === undefined && isObject(open)) {
    const args: Record<string, unknown> = { ...(isObject(open.args) ? open.args : {}) };
    for (const piece of Array.isArray(call.partialArgs) ? call.partialArgs.filter(isObject) : []) {
      const name = String(piece.jsonPath).replace('$.', '');
      args[name] = String(args[name] ?? '') + String(piece.stringValue);
    }
    parts[parts.length - 1] = { ...last, functionCall: { ...open, args } };
    return;
  }
  parts.push(part);
}

function finished(part: JsonObject): JsonObject {
  if (!isObject(part.functionCall)) return part;
  const { willContinue: _, args = {}, ...call } = part.functionCall;
  return { ...part, functionCall: { ...call, args } };
}
