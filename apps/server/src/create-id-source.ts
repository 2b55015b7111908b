import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_LETTERS = 9;
const COUNT_LETTERS = 5;
const RANDOM_LETTERS = 8;
const MAX_COUNT = 32 ** COUNT_LETTERS;
/** The last letters of a count, all of them at hand: an id is made twice a request. */
const LAST_LETTERS = 2;
const LAST_COUNTS = 32 ** LAST_LETTERS;
const LAST_TEXTS = Array.from({ length: LAST_COUNTS }, (_, count) => toLetters(count, LAST_LETTERS));

/**
 * Ids that sort by the time they were made (Crockford base 32): 45 bits of milliseconds, a count that rises within the
 * process, and 40 random bits that are the process's own. For names of things, never for secrets: they can be guessed.
 */
export function createIdSource(now: () => number): () => string {
  const processText = [...randomBytes(RANDOM_LETTERS)].map((byte) => ALPHABET[byte & 31]).join('');
  let count = randomBytes(2).readUInt16BE();
  let lastMs = -1;
  let firstCount = -1;
  let timeText = '';
  let firstText = '';

  return () => {
    const ms = now();
    if (ms !== lastMs) {
      lastMs = ms;
      timeText = toLetters(ms, TIME_LETTERS);
    }
    count = (count + 1) % MAX_COUNT;
    const last = count % LAST_COUNTS;
    if (count - last !== firstCount) {
      firstCount = count - last;
      firstText = toLetters(firstCount / LAST_COUNTS, COUNT_LETTERS - LAST_LETTERS);
    }
    return timeText + firstText + LAST_TEXTS[last] + processText;
  };
}

function toLetters(value: number, letters: number): string {
  let text = '';
  let rest = value;
  for (let letter = 0; letter < letters; letter++) {
    text = (ALPHABET[rest % 32] ?? '0') + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}
