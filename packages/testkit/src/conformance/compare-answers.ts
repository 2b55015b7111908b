import { isDeepStrictEqual } from 'node:util';
import type { StopReason } from '@proxycast/spec';
import type { FakeDialectId } from '../fake-upstream/recorded-request.ts';
import { isObject, isString } from '../json.ts';
import {
  type AnswerFacts,
  type CallFacts,
  type ChoiceFacts,
  inputValueOf,
  settleStop,
  type UsageFacts,
} from './answer-facts.ts';

/** Stop reasons a dialect cannot tell apart: the table in architecture/conversion.md. */
const STOPS: Readonly<Record<FakeDialectId, Partial<Record<StopReason, StopReason>>>> = {
  anthropic: { compaction: 'end', other: 'end' },
  openai: { 'context-full': 'length', 'stop-sequence': 'end', pause: 'end', compaction: 'end', other: 'end' },
  responses: { 'context-full': 'length', 'stop-sequence': 'end', pause: 'end', compaction: 'end', other: 'end' },
  gemini: { 'context-full': 'length', 'stop-sequence': 'end', pause: 'end', compaction: 'end', other: 'end' },
};
const SEVERAL_CHOICES: readonly FakeDialectId[] = ['openai', 'gemini'];
const REFUSAL_PART: readonly FakeDialectId[] = ['openai', 'responses'];

/** Every way in which what arrived differs from what was said, beyond what architecture/conversion.md allows for `to`. */
export function compareAnswers(said: AnswerFacts, arrived: AnswerFacts, to: FakeDialectId): readonly string[] {
  const expected = SEVERAL_CHOICES.includes(to) ? said.choices : said.choices.slice(0, 1);
  if (expected.length !== arrived.choices.length) {
    return [`${arrived.choices.length} answers instead of ${expected.length}`];
  }
  return [
    ...expected.flatMap((choice, index) => {
      const other = arrived.choices[index];
      return other === undefined ? [] : compareChoices(choice, other, to);
    }),
    ...compareUsage(said.usage, arrived.usage, to),
  ];
}

function compareChoices(said: ChoiceFacts, arrived: ChoiceFacts, to: FakeDialectId): readonly string[] {
  const faults: string[] = [];
  const texts = REFUSAL_PART.includes(to)
    ? [[said.text, arrived.text] as const, [said.refusal, arrived.refusal] as const]
    : [[said.text + said.refusal, arrived.text + arrived.refusal] as const];
  for (const [one, other] of texts) if (one !== other) faults.push(`text ${firstDifference(one, other)}`);
  if (!isJoinOf(said.thinking, arrived.thinking)) {
    faults.push(`thinking ${firstDifference(said.thinking.join(''), arrived.thinking.join(''))}`);
  }
  faults.push(...compareCalls(said.calls, arrived.calls));
  // Gemini has no place for a page of another's.
  const missing = to === 'gemini' ? [] : said.cited.filter((url) => !arrived.cited.includes(url));
  if (missing.length > 0)
    faults.push(`${missing.length} of ${said.cited.length} cited pages are missing: ${missing[0]}`);
  if (to !== 'anthropic' && said.pictures !== arrived.pictures)
    faults.push(`${arrived.pictures} pictures instead of ${said.pictures}`);
  const [stop, other] = [said, arrived].map((choice) => at(choice, to));
  // A refusal may end naturally in OpenAI's dialects, and is the reason itself in the others.
  const isRefusal = said.refusal !== '' && [stop, other].every((reason) => reason === 'end' || reason === 'refusal');
  if (stop !== other && !isRefusal) faults.push(`stop ${other} instead of ${stop}`);
  return faults;
}

/** The reason as the dialect can say it, and then what calls make of it. */
const at = ({ stop, calls }: ChoiceFacts, to: FakeDialectId): StopReason =>
  settleStop(STOPS[to][stop] ?? stop, calls.length);

function compareCalls(said: readonly CallFacts[], arrived: readonly CallFacts[]): readonly string[] {
  if (said.length !== arrived.length) return [`${arrived.length} calls instead of ${said.length}`];
  return said.flatMap((call, index) => {
    const other = arrived[index];
    if (other === undefined) return [];
    const faults: string[] = [];
    if (other.name !== call.name) faults.push(`call ${index} is named ${other.name} instead of ${call.name}`);
    if (!isSameInput(call, other)) {
      faults.push(`call ${index} input ${JSON.stringify(other.input)} instead of ${JSON.stringify(call.input)}`);
    }
    return faults;
  });
}

/** Arguments that are no JSON object travel in one, `{ "_raw": text }`; free text of a tool in `{ "input": text }`. */
function isSameInput(call: CallFacts, other: CallFacts): boolean {
  if (isDeepStrictEqual(plain(call.input), plain(other.input))) return true;
  const text = isString(call.input) ? call.input : JSON.stringify(call.input);
  if (isObject(call.input) && call.kind === 'function') return false;
  return (
    isObject(other.input) &&
    Object.values(other.input).some(
      (value) => value === text || isDeepStrictEqual(isString(value) ? inputValueOf(value) : value, call.input),
    )
  );
}

// -0 and 0, and objects with another prototype, are one JSON value.
const plain = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));

/** Whether the texts are the same when parts are joined by nothing, a line feed or a blank line. */
export function isJoinOf(said: readonly string[], arrived: readonly string[]): boolean {
  const one = said.join('').replace(/\n+/g, '');
  const other = arrived.join('').replace(/\n+/g, '');
  return one === other;
}

function compareUsage(
  said: UsageFacts | undefined,
  arrived: UsageFacts | undefined,
  to: FakeDialectId,
): readonly string[] {
  if (said === undefined) return [];
  const fields: (keyof UsageFacts)[] = ['input', 'cacheRead', 'output', 'reasoning'];
  if (to !== 'gemini') fields.push('cacheWrite');
  return fields.flatMap((field) => {
    const one = field === 'input' && to === 'anthropic' ? leastInput(said) : (said[field] ?? 0);
    const other = arrived?.[field] ?? 0;
    return one === other ? [] : [`usage.${field} ${other} instead of ${one}`];
  });
}

/** Some services read more from the cache than they count; where the parts are counted apart, they are the sum. */
function leastInput({ input = 0, cacheRead = 0, cacheWrite = 0 }: UsageFacts): number {
  return Math.max(input, cacheRead + cacheWrite);
}

function firstDifference(one: string, other: string): string {
  let place = 0;
  while (place < one.length && one[place] === other[place]) place++;
  const around = (text: string) => JSON.stringify(text.slice(Math.max(0, place - 20), place + 40));
  return `at ${place} (${other.length} instead of ${one.length} characters): ${around(other)} instead of ${around(one)}`;
}
