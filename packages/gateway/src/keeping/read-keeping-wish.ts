import type { AnswerKeeping, JsonObject, KeepingWish } from '@proxycast/spec';
import { type ChunkedBytes, parseJson, TopLevelScanner } from '@proxycast/wire';
import { bytesInclude } from '../bytes-include.ts';

interface Words {
  readonly telling: readonly Buffer[];
  readonly refusing: readonly Buffer[];
}

/** The words of a dialect as bytes; dialects live as long as the process. */
const wordsOf = new WeakMap<AnswerKeeping, Words>();

function findWords(keeping: AnswerKeeping): Words {
  let words = wordsOf.get(keeping);
  if (words === undefined) {
    const { tellingWords, refusingWords } = keeping;
    words = {
      telling: tellingWords.map((word) => Buffer.from(word)),
      refusing: refusingWords.map((word) => Buffer.from(word)),
    };
    wordsOf.set(keeping, words);
  }
  return words;
}

/**
 * What a large body says of kept answers. `undefined` where it holds none of the words that ask for one: then it was not
 * looked through. Throws InvalidRequestError.
 */
export function readWishOfLarge(body: ChunkedBytes, keeping: AnswerKeeping): KeepingWish | undefined {
  if (!findWords(keeping).telling.some((word) => bytesInclude(body, word))) return undefined;
  const fields = topLevelOf(body, Object.values(keeping.fields));
  return fields === undefined ? undefined : keeping.readWish(fields);
}

/** Whether a body says that its answer is not to be kept. It may say so of something else in it, but hardly ever does. */
export const refusesKeeping = (body: ChunkedBytes, keeping: AnswerKeeping): boolean =>
  findWords(keeping).refusing.some((word) => bytesInclude(body, word));

/** Only these fields are parsed. `undefined`: the body is no JSON object. */
function topLevelOf(body: ChunkedBytes, names: readonly string[]): JsonObject | undefined {
  const scanner = new TopLevelScanner();
  for (const chunk of body.chunks) scanner.push(chunk);
  const { type, fields } = scanner.end();
  if (type === 'broken') return undefined;
  const found: Record<string, unknown> = {};
  for (const { key, valueStart, valueEnd } of fields) {
    if (names.includes(key)) found[key] = parseJson(body.slice(valueStart, valueEnd).toString('utf8'));
  }
  return found;
}
