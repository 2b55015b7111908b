import type { StopReason, StreamEvent } from '@proxycast/spec';
import { type AnswerFacts, type CallFacts, inputValueOf, settleStop } from './answer-facts.ts';
import type { SeededRandom } from './seeded-random.ts';

const WORDS = [
  'plain',
  ' ',
  '\n\n',
  'Zürich',
  '漢字',
  '👩‍👩‍👧',
  '"quoted"',
  '\\',
  '</tag>',
  '\u2028',
  'data: x',
  '\r\n',
  '[DONE]',
  '{"a":1}',
  '\u0000',
  'é',
  '\ud800',
] as const;
const REASONS: readonly [StopReason, ...StopReason[]] = [
  'end',
  'length',
  'refusal',
  'tool-use',
  'stop-sequence',
  'other',
  'pause',
  'context-full',
];

export interface RandomAnswer {
  readonly events: readonly StreamEvent[];
  readonly facts: AnswerFacts;
}

/** Any text, cut anywhere but never inside a pair of surrogates, as decoders give it. */
export function randomText(random: SeededRandom, most = 6): string {
  return Array.from({ length: random.int(most) }, () => random.pick(WORDS))
    .join('')
    .toWellFormed();
}

export function randomJson(random: SeededRandom, depth = 0): unknown {
  switch (random.int(depth > 2 ? 4 : 6)) {
    case 0:
      return randomText(random);
    case 1:
      return random.int(1_000_000) / 8;
    case 2:
      return random.oneIn(2);
    case 3:
      return null;
    case 4:
      return Array.from({ length: random.int(3) }, () => randomJson(random, depth + 1));
    default:
      return Object.fromEntries(
        Array.from({ length: random.int(4) }, (_, index) => [
          `${random.pick(WORDS).toWellFormed()}${index}`,
          randomJson(random, depth + 1),
        ]),
      );
  }
}

/** An answer as a decoder could give it, its blocks overlapping where that is allowed, and what it says. */
export function randomAnswer(random: SeededRandom, mayOverlap: boolean): RandomAnswer {
  const lanes: StreamEvent[][] = [];
  let text = '';
  const thinking: string[] = [];
  const calls: CallFacts[] = [];
  const blockCount = random.int(6);
  for (let block = 0; block < blockCount; block++) {
    const lane: StreamEvent[] = [];
    switch (random.int(4)) {
      case 0: {
        lane.push({ type: 'text-start', block });
        for (let piece = random.int(5); piece > 0; piece--) {
          const said = randomText(random);
          text += said;
          lane.push({ type: 'text-delta', block, text: said });
        }
        break;
      }
      case 1: {
        lane.push({ type: 'thinking-start', block, kind: random.oneIn(2) ? 'full' : 'summary' });
        let whole = '';
        for (let piece = random.int(5); piece > 0; piece--) {
          const said = randomText(random);
          whole += said;
          lane.push({ type: 'thinking-delta', block, text: said });
        }
        if (whole !== '') thinking.push(whole);
        if (random.oneIn(2)) {
          lane.push({
            type: 'signature',
            block,
            signature: { origin: 'gemini:somewhere', value: `c2lnbmF0dXJl${block}` },
          });
        }
        break;
      }
      default: {
        const id = `call_${block}`;
        const input = random.oneIn(4) ? '' : JSON.stringify(Object.fromEntries([['value', randomJson(random)]]));
        lane.push({ type: 'tool-call-start', block, callId: id, name: `tool_${block}`, kind: 'function' });
        for (const piece of cut(input, random)) lane.push({ type: 'tool-input-delta', block, json: piece });
        calls.push({ id, name: `tool_${block}`, input: inputValueOf(input), kind: 'function' });
      }
    }
    lane.push({ type: 'block-end', block });
    lanes.push(lane);
  }
  const stop = random.pick(REASONS);
  const usage = {
    input: 100 + random.int(100),
    cacheRead: random.int(50),
    output: 50 + random.int(100),
    reasoning: random.int(50),
  };
  return {
    events: [
      { type: 'message-start', id: 'random-answer', model: 'random-model' },
      ...merge(lanes, random, mayOverlap),
      { type: 'usage', usage },
      { type: 'message-end', reason: stop },
    ],
    facts: {
      choices: [{ text, refusal: '', thinking, calls, cited: [], pictures: 0, stop: settleStop(stop, calls.length) }],
      usage,
    },
  };
}

function cut(text: string, random: SeededRandom): readonly string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length; ) {
    const end = at + 1 + random.int(8);
    pieces.push(text.slice(at, end));
    at = end;
  }
  return pieces;
}

/** Blocks begin in order; text stays in order because only one text or thinking block is open at a time. */
function merge(lanes: readonly StreamEvent[][], random: SeededRandom, mayOverlap: boolean): readonly StreamEvent[] {
  if (!mayOverlap) return lanes.flat();
  const merged: StreamEvent[] = [];
  const open: StreamEvent[][] = [];
  const waiting = lanes.map((lane) => [...lane]);
  const isCall = (lane: StreamEvent[]) =>
    lane.some((event) => event.type === 'tool-input-delta' || event.type === 'tool-call-start');
  while (open.length > 0 || waiting.length > 0) {
    const next = waiting[0];
    const mayBegin =
      next !== undefined && (open.length === 0 || (isCall(next) && open.every(isCall) && random.oneIn(3)));
    if (mayBegin) {
      waiting.shift();
      const [start, ...rest] = next;
      if (start !== undefined) merged.push(start);
      open.push(rest);
      continue;
    }
    const lane = open[random.int(open.length)] ?? [];
    const event = lane.shift();
    if (event !== undefined) merged.push(event);
    if (lane.length === 0) open.splice(open.indexOf(lane), 1);
  }
  return merged;
}
