import type { ToolBridge } from '@proxycast/spec';
import type { ScriptedCall, ScriptedMessage } from '../../fake-upstream/answer.ts';
import type { FakeDialectId } from '../../fake-upstream/recorded-request.ts';
import { isObject, isString, type JsonObject, objectsOf } from '../../json.ts';
import { randomJson, randomText } from '../random-answer.ts';
import type { SeededRandom } from '../seeded-random.ts';
import { fuzzText } from './fuzz-plan.ts';

/** A tool as the service was told of it. */
interface GivenTool {
  readonly name: string;
  readonly isFreeText: boolean;
}

/** What the service says to a request: any mixture of thinking, text and calls of the tools it was given. */
export function fuzzReply(
  random: SeededRandom,
  dialect: FakeDialectId,
  body: JsonObject,
  { bridge, isSerial }: { readonly bridge?: ToolBridge; readonly isSerial: boolean },
): ScriptedMessage {
  const tools = toolsIn(dialect, body);
  const [first, ...others] = tools;
  const count = first === undefined || random.oneIn(3) ? 0 : 1 + random.int(isSerial ? 1 : 4);
  const calls = Array.from({ length: count }, (_, place): ScriptedCall => {
    const tool = random.pick([first ?? { name: '', isFreeText: false }, ...others]);
    const id = idFor(random, dialect, place);
    const head = { name: tool.name, ...(id === undefined ? {} : { id }) };
    if (tool.isFreeText) return { ...head, input: {}, freeText: fuzzText(random) };
    // A tool of free text that went as a function has the one field.
    const isBridged = bridge?.tools.get(tool.name)?.kind === 'custom';
    return { ...head, input: isBridged ? { input: fuzzText(random) } : inputOf(random) };
  });
  const stop = random.oneIn(8) ? random.pick(['length', 'refusal'] as const) : undefined;
  const input = 100 + random.int(10_000);
  const output = 20 + random.int(1000);
  // Gemini 3 signs the first call of every step, and the fake signs where it has thought.
  const thinks = random.oneIn(2) || (dialect === 'gemini' && calls.length > 0);
  return {
    ...(thinks ? { thinking: `Think ${random.int(1000)} ${randomText(random)}!` } : {}),
    ...(random.oneIn(3) ? {} : { text: [fuzzText(random), fuzzText(random)] }),
    calls,
    ...(stop === undefined || calls.length > 0 ? {} : { stop }),
    usage: { input, cacheRead: random.int(100), output, reasoning: random.int(20) },
  };
}

function inputOf(random: SeededRandom): JsonObject {
  if (random.oneIn(6)) return {};
  const value = randomJson(random);
  return isObject(value) && Object.keys(value).length > 0 ? value : { value };
}

/** Ids as each service gives them, and as odd as each may. */
function idFor(random: SeededRandom, dialect: FakeDialectId, place: number): string | undefined {
  const unique = `${random.int(1_000_000_000)}_${place}`;
  switch (dialect) {
    case 'anthropic':
      return random.pick([`toolu_${unique}`, `toolu-${'z'.repeat(80)}${unique}`]);
    case 'openai':
      return random.pick([`call_${unique}`, `functions.read:${unique}`, `call ${unique}|\n"é`]);
    case 'responses':
      return random.pick([`call_${unique}`, `call_${unique}`.padEnd(64, 'q')]);
    case 'gemini':
      return random.pick([undefined, undefined, `id/${unique}`, `${'g'.repeat(90)}${unique}`]);
  }
}

function toolsIn(dialect: FakeDialectId, body: JsonObject): readonly GivenTool[] {
  const tools = objectsOf(body.tools);
  switch (dialect) {
    case 'anthropic':
      return tools.flatMap(({ name }) => named(name, false));
    case 'openai':
      return tools.flatMap((tool) => {
        const held = isObject(tool.custom) ? tool.custom : isObject(tool.function) ? tool.function : {};
        return named(held.name, tool.type === 'custom');
      });
    case 'responses':
      return tools.flatMap(({ name, type }) => named(name, type === 'custom'));
    case 'gemini':
      return tools
        .flatMap(({ functionDeclarations }) => objectsOf(functionDeclarations))
        .flatMap(({ name }) => named(name, false));
  }
}

const named = (name: unknown, isFreeText: boolean): readonly GivenTool[] =>
  isString(name) ? [{ name, isFreeText }] : [];
