import type { JsonObject } from '../../json.ts';
import { randomJson, randomText } from '../random-answer.ts';
import type { SeededRandom } from '../seeded-random.ts';

/** What a client says, before it is written in the client's dialect. */
export type FuzzPart =
  | { readonly type: 'text'; readonly text: string }
  /** A PNG in base64. */
  | { readonly type: 'image'; readonly data: string }
  | { readonly type: 'image-address'; readonly url: string };

export interface FuzzTool {
  readonly name: string;
  readonly description?: string;
  /** Absent: the tool takes free text, where the client's dialect has such tools. */
  readonly schema?: JsonObject;
}

export interface FuzzAsk {
  readonly isStream: boolean;
  readonly system?: string;
  readonly parts: readonly FuzzPart[];
  readonly tools: readonly FuzzTool[];
  readonly choice?: { readonly type: 'auto' | 'required' } | { readonly type: 'named'; readonly name: string };
  readonly isSerial?: boolean;
  readonly thinks: boolean;
  /** Tokens. */
  readonly bound: number;
}

export interface FuzzResult {
  readonly parts: readonly FuzzPart[];
  readonly isError: boolean;
}

/** What a client sends after an answer: a result for each call, and words of the user's. */
export interface FuzzStep {
  /** For the call of that place. */
  readonly resultOf: (place: number) => FuzzResult;
  /** Said after the results; always there where there were no calls. */
  readonly parts: readonly FuzzPart[];
  /** Results stand in another order than their calls, where the dialect leaves that free. */
  readonly isShuffled: boolean;
}

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const ADDRESS = 'https://example.com/picture.png?size=1&name=%C3%BC';

/** Letters of every kind, among them those that mean something to a framing, a codec or a schema. */
export function fuzzText(random: SeededRandom): string {
  switch (random.int(6)) {
    case 0:
      return '';
    case 1:
      return `${randomText(random)}\u202E\u0301\uFEFF\u0007\u{10FFFF}${random.int(1000)}`;
    case 2:
      return 'word '.repeat(random.int(200));
    default:
      return `${random.int(1000)} ${randomText(random)}`;
  }
}

function fuzzPart(random: SeededRandom): FuzzPart {
  if (random.oneIn(8)) return { type: 'image', data: PNG };
  return random.oneIn(16) ? { type: 'image-address', url: ADDRESS } : { type: 'text', text: fuzzText(random) };
}

/** At least one part with words in it. */
function fuzzParts(random: SeededRandom): readonly FuzzPart[] {
  const parts = Array.from({ length: random.int(3) }, () => fuzzPart(random));
  return [...parts, { type: 'text', text: `Go on ${random.int(1000)}. ${randomText(random)}.` }];
}

export function fuzzAsk(random: SeededRandom, names: readonly [string, ...string[]]): FuzzAsk {
  const tools = new Map(
    Array.from({ length: random.int(5) }, () => fuzzTool(random, names)).map((tool) => [tool.name, tool]),
  );
  const [first] = tools.values();
  const thinks = random.oneIn(2);
  const isForced = first !== undefined && random.oneIn(5);
  return {
    isStream: random.oneIn(2),
    ...(random.oneIn(2) ? { system: `Be ${randomText(random)} kind.` } : {}),
    parts: fuzzParts(random),
    tools: [...tools.values()],
    // A service refuses a demand beside thinking: a client that thinks does not demand.
    ...(isForced && !thinks
      ? { choice: random.oneIn(2) ? { type: 'required' } : { type: 'named', name: first.name } }
      : {}),
    ...(first !== undefined && random.oneIn(6) ? { isSerial: true } : {}),
    thinks,
    bound: 4096 + random.int(4096),
  };
}

function fuzzTool(random: SeededRandom, names: readonly [string, ...string[]]): FuzzTool {
  const name = random.pick(names);
  const described = random.oneIn(3) ? {} : { description: `Does ${randomText(random)} things.` };
  return random.oneIn(5) ? { name, ...described } : { name, ...described, schema: fuzzSchema(random, 0) };
}

/** An object's schema with others inside it: what tools of real clients have, and what services stumble over. */
function fuzzSchema(random: SeededRandom, depth: number): JsonObject {
  const properties = Object.fromEntries(
    Array.from({ length: 1 + random.int(3) }, (_, index) => [
      `${random.pick(['path', 'type', 'const', 'title', 'größe', 'a-b'])}${index}`,
      fuzzProperty(random, depth),
    ]),
  );
  return {
    type: 'object',
    properties,
    ...(random.oneIn(2) ? { required: Object.keys(properties).slice(0, 1) } : {}),
    ...(random.oneIn(2) ? { additionalProperties: false } : {}),
    ...(depth === 0 && random.oneIn(3) ? { $schema: 'http://json-schema.org/draft-07/schema#' } : {}),
  };
}

function fuzzProperty(random: SeededRandom, depth: number): JsonObject {
  switch (random.int(depth > 2 ? 6 : 9)) {
    case 0:
      return { type: 'string', description: `In words: ${randomText(random)}` };
    case 1:
      return { type: 'integer', minimum: 0, exclusiveMaximum: 100 };
    case 2:
      return { enum: ['one', 'two', ''] };
    case 3:
      return { type: ['string', 'null'], default: null };
    case 4:
      return { const: 'fixed' };
    case 5:
      return { anyOf: [{ type: 'string', format: 'uri' }, { type: 'number' }] };
    case 6:
      return { type: 'array', items: fuzzSchema(random, depth + 1), minItems: 1 };
    case 7:
      return { oneOf: [fuzzSchema(random, depth + 1), { type: 'boolean' }] };
    default:
      return fuzzSchema(random, depth + 1);
  }
}

export function fuzzStep(random: SeededRandom): FuzzStep {
  const results = Array.from({ length: 8 }, () => fuzzResult(random));
  const [first] = results;
  if (first === undefined) throw new RangeError('There are results.');
  return {
    resultOf: (place) => results[place] ?? first,
    parts: fuzzParts(random),
    isShuffled: random.oneIn(3),
  };
}

function fuzzResult(random: SeededRandom): FuzzResult {
  const isJson = random.oneIn(3);
  const text = isJson ? JSON.stringify(randomJson(random)) : fuzzText(random);
  const isPictured = random.oneIn(6);
  return {
    parts: [{ type: 'text', text }, ...(isPictured ? [{ type: 'image' as const, data: PNG }] : [])],
    isError: random.oneIn(6),
  };
}
