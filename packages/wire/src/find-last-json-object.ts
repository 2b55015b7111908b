type JsonObject = Readonly<Record<string, unknown>>;

/** An object under the key longer than this is not looked at: what is searched for is a few counters. */
const MAX_OBJECT_CHARACTERS = 16 * 1024;
/** Bounds the work on a text made to nest candidates in one another. */
const MAX_CANDIDATES = 32;

/**
 * Finds the last object that stands under `key` in a text of JSON, without parsing the text: each candidate is cut out
 * and parsed by itself, from the end of the text to its beginning, until `read` answers something. The text may begin
 * and end anywhere. What stands inside a JSON string is never a candidate: its quotes are escaped. `end` is one past the
 * object's closing brace.
 */
export function findLastJsonObject<Value>(
  text: string,
  key: string,
  read: (object: JsonObject, end: number) => Value | undefined,
): Value | undefined {
  const needle = `"${key}"`;
  let candidates = 0;
  for (let at = text.lastIndexOf(needle); at >= 0; at = at === 0 ? -1 : text.lastIndexOf(needle, at - 1)) {
    if (isEscaped(text, at)) continue;
    const start = findObjectStart(text, at + needle.length);
    if (start < 0) continue;
    if (++candidates > MAX_CANDIDATES) return undefined;
    const end = findObjectEnd(text, start);
    const object = end < 0 ? undefined : parseObject(text.slice(start, end));
    const value = object === undefined ? undefined : read(object, end);
    if (value !== undefined) return value;
  }
  return undefined;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text[at - 1 - backslashes] === '\\') backslashes++;
  return backslashes % 2 === 1;
}

/** Where the object after the key's colon begins; -1 when something else stands there. */
function findObjectStart(text: string, from: number): number {
  const colon = skipBlanks(text, from);
  if (text[colon] !== ':') return -1;
  const start = skipBlanks(text, colon + 1);
  return text[start] === '{' ? start : -1;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++;
  return at;
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const object: JsonObject = JSON.parse(text);
    return object;
  } catch {
    return undefined;
  }
}

/** One past the brace that closes the object; -1 when it does not close in time. */
function findObjectEnd(text: string, start: number): number {
  const limit = Math.min(text.length, start + MAX_OBJECT_CHARACTERS);
  let depth = 0;
  let isInString = false;
  for (let at = start; at < limit; at++) {
    const character = text[at];
    if (isInString) {
      if (character === '\\') at++;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === '{') depth++;
    else if (character === '}' && --depth === 0) return at + 1;
  }
  return -1;
}

/**
 * How many objects and arrays that are open at `from` close after it: how deep a value that ends there stands, when the
 * text goes on to the end of its JSON. `from` must not be inside a string. Balanced JSON that follows does not count.
 */
export function countClosers(text: string, from: number): number {
  let depth = 0;
  let closers = 0;
  let isInString = false;
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (isInString) {
      if (character === '\\') at++;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') {
      if (depth > 0) depth--;
      else closers++;
    }
  }
  return closers;
}
