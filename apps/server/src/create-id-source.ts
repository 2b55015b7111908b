import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const RANDOM_POOL_BYTES = 4096;
const TIME_LETTERS = 9;
const RANDOM_LETTERS = 13;

/**
 * Ids that sort by the time they were made (Crockford base 32: 45 bits of milliseconds, 65 random bits). Random bytes are
 * drawn in lots: a call of its own for each id would cost more than all the rest of making one.
 */
export function createIdSource(now: () => number): () => string {
  let pool = Buffer.alloc(0);
  let at = 0;
  let lastMs = -1;
  let timeText = '';

  const timeOf = (ms: number): string => {
    let text = '';
    let rest = ms;
    for (let letter = 0; letter < TIME_LETTERS; letter++) {
      text = (ALPHABET[rest % 32] ?? '0') + text;
      rest = Math.floor(rest / 32);
    }
    return text;
  };

  return () => {
    const ms = now();
    if (ms !== lastMs) {
      lastMs = ms;
      timeText = timeOf(ms);
    }
    if (at + RANDOM_LETTERS > pool.length) {
      pool = randomBytes(RANDOM_POOL_BYTES);
      at = 0;
    }
    let text = timeText;
    for (let letter = 0; letter < RANDOM_LETTERS; letter++) text += ALPHABET[(pool[at++] ?? 0) & 31] ?? '0';
    return text;
  };
}
