import type { ChatBlock, ChatTurn, ToolCallBlock, ToolResultBlock } from '@proxycast/spec';
import { describe, expect, test } from 'vitest';
import { mergeTurns } from './merge-turns.ts';
import { repairToolTurns } from './repair-tool-turns.ts';
import { createDraw } from './testing/random-response.ts';

const text = (words: string): ChatBlock => ({ type: 'text', text: words });
const call = (callId: string): ToolCallBlock => ({
  type: 'tool-call',
  callId,
  name: `tool of ${callId}`,
  kind: 'function',
  input: {},
});
const result = (callId: string, words = `result of ${callId}`): ToolResultBlock => ({
  type: 'tool-result',
  callId,
  blocks: [text(words)],
});
const none = (callId: string): ToolResultBlock => ({
  type: 'tool-result',
  callId,
  name: `tool of ${callId}`,
  kind: 'function',
  blocks: [text('(no result: the call was cancelled)')],
});

const user = (...blocks: readonly ChatBlock[]): ChatTurn => ({ role: 'user', blocks });
const assistant = (...blocks: readonly ChatBlock[]): ChatTurn => ({ role: 'assistant', blocks });
const tool = (...blocks: readonly ChatBlock[]): ChatTurn => ({ role: 'tool', blocks });
const system = (words: string): ChatTurn => ({ role: 'system', blocks: [text(words)] });

function repair(...turns: readonly ChatTurn[]) {
  const reports: string[] = [];
  const repaired = repairToolTurns(turns, (field, action) => reports.push(`${field} ${action}`));
  return { repaired, reports };
}

describe('repairToolTurns', () => {
  test.each<[string, readonly ChatTurn[]]>([
    ['without turns', []],
    ['without calls', [system('s'), user(text('a')), assistant(text('b'))]],
    [
      'with results where they belong',
      [user(text('a')), assistant(call('1'), call('2')), tool(result('1'), result('2')), user(text('b'))],
    ],
    [
      'with rounds of calls',
      [assistant(call('1')), tool(result('1')), assistant(text('t'), call('2')), tool(result('2'))],
    ],
    ['that ends with calls', [user(text('a')), assistant(call('1'))]],
    ['with an empty turn', [user(), assistant(call('1')), tool(result('1'))]],
  ])('gives back the same turns of a conversation %s', (_, turns) => {
    expect(repairToolTurns(turns, expect.fail)).toBe(turns);
  });

  test.each<[string, readonly ChatTurn[], readonly ChatTurn[]]>([
    [
      'in several turns',
      [assistant(call('1'), call('2')), tool(result('1')), tool(result('2'))],
      [assistant(call('1'), call('2')), tool(result('1'), result('2'))],
    ],
    [
      'in another order',
      [assistant(call('1'), call('2')), tool(result('2'), result('1'))],
      [assistant(call('1'), call('2')), tool(result('1'), result('2'))],
    ],
    [
      'behind other turns',
      [assistant(call('1')), user(text('wait')), system('now'), tool(result('1'))],
      [assistant(call('1')), tool(result('1')), user(text('wait')), system('now')],
    ],
    [
      'in the user’s turn',
      [assistant(call('1')), user(text('before'), result('1'), text('after'))],
      [assistant(call('1')), tool(result('1')), user(text('before'), text('after'))],
    ],
    [
      'of a turn before the last',
      [assistant(call('1')), user(text('a')), assistant(call('2')), tool(result('1'), result('2'))],
      [assistant(call('1')), tool(result('1')), user(text('a')), assistant(call('2')), tool(result('2'))],
    ],
    [
      'of assistant turns in a row',
      [assistant(text('t')), assistant(call('1')), assistant(text('u'), call('2')), tool(result('1'), result('2'))],
      [assistant(text('t')), assistant(call('1'), text('u'), call('2')), tool(result('1'), result('2'))],
    ],
    [
      'of a turn that text of the assistant follows',
      [assistant(call('1')), assistant(text('t')), tool(result('1'))],
      [assistant(call('1'), text('t')), tool(result('1'))],
    ],
  ])('moves results %s, and reports nothing', (_, turns, expected) => {
    const { repaired, reports } = repair(...turns);
    expect(repaired).toEqual(expected);
    expect(reports).toEqual([]);
  });

  test('bug 53: gives exactly as many results as calls', () => {
    const { repaired, reports } = repair(
      assistant(call('1'), call('2'), call('3')),
      tool(result('2')),
      user(text('a')),
    );
    expect(repaired).toEqual([
      assistant(call('1'), call('2'), call('3')),
      tool(none('1'), result('2'), none('3')),
      user(text('a')),
    ]);
    expect(reports).toEqual(['messages.0 added']);
  });

  test('bug 54: makes a result for a call that was cancelled', () => {
    const { repaired, reports } = repair(user(text('a')), assistant(call('1')), user(text('b')));
    expect(repaired).toEqual([user(text('a')), assistant(call('1')), tool(none('1')), user(text('b'))]);
    expect(reports).toEqual(['messages.1 added']);
  });

  test('leaves the calls of the last turn open also where others are repaired', () => {
    const { repaired } = repair(assistant(call('1')), user(text('b')), assistant(call('2')));
    expect(repaired).toEqual([assistant(call('1')), tool(none('1')), user(text('b')), assistant(call('2'))]);
  });

  test('bug 54: makes user text of a result without its call, in its place', () => {
    const image: ChatBlock = { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } };
    const { repaired, reports } = repair(
      user(text('a')),
      { ...tool({ type: 'tool-result', callId: '9', blocks: [text('lost'), image] }), extensions: { a: { x: 1 } } },
      assistant(call('1')),
      tool(result('1'), result('8', 'stray')),
      user(text('b')),
    );
    expect(repaired).toEqual([
      user(text('a')),
      user(text('lost'), image),
      assistant(call('1')),
      tool(result('1')),
      user(text('stray')),
      user(text('b')),
    ]);
    expect(reports).toEqual(['messages.1 changed', 'messages.3 changed']);
  });

  test('takes the last of two results of one call', () => {
    const { repaired, reports } = repair(
      assistant(call('1')),
      tool(result('1', 'old')),
      user(text('a')),
      tool(result('1', 'new')),
    );
    expect(repaired).toEqual([assistant(call('1')), tool(result('1', 'new')), user(text('a'))]);
    expect(reports).toEqual(['messages.1 dropped']);
  });

  test('gives calls that share an id ids of their own, and each its result', () => {
    const { repaired, reports } = repair(
      assistant(call('1'), call('1')),
      tool(result('1', 'a'), result('1', 'b')),
      assistant(call('1')),
      tool(result('1', 'c')),
      assistant(call('1_2')),
      tool(result('1_2', 'd')),
    );
    const named = (id: string, own: string): ChatBlock => ({ ...call(id), callId: own });
    expect(repaired).toEqual([
      assistant(call('1'), named('1', '1_2')),
      tool(result('1', 'a'), result('1_2', 'b')),
      assistant(named('1', '1_3')),
      tool(result('1_3', 'c')),
      assistant(named('1_2', '1_2_2')),
      tool(result('1_2_2', 'd')),
    ]);
    expect(reports).toEqual([]);
  });

  test('keeps what is not a result in a turn of results', () => {
    const { repaired } = repair(assistant(call('1')), tool(text('stray'), result('1')));
    expect(repaired).toEqual([assistant(call('1')), tool(result('1')), user(text('stray'))]);
  });

  test('changes no turn it is given', () => {
    const turns = [
      assistant(call('1'), call('1')),
      user(text('a'), result('1')),
      assistant(text('b')),
      assistant(call('2')),
      tool(result('9')),
    ];
    const before = structuredClone(turns);
    repair(...turns);
    expect(turns).toEqual(before);
  });

  test('puts any conversation in order, loses no text, and leaves it alone the second time', () => {
    for (let seed = 0; seed < 2000; seed++) {
      const draw = createDraw(seed);
      const id = () => `${draw.number(4)}`;
      let count = 0;
      const words = () => text(`said ${count++}`);
      const turns = Array.from({ length: draw.number(8) }, (): ChatTurn => {
        const length = draw.number(4);
        const some = (make: () => ChatBlock) => Array.from({ length }, make);
        switch (draw.number(5)) {
          case 0:
            return system(`said ${count++}`);
          case 1:
            return user(...some(() => (draw.chance(0.3) ? result(id(), `said ${count++}`) : words())));
          case 2:
            return tool(...some(() => result(id(), `said ${count++}`)));
          default:
            return assistant(...some(() => (draw.chance(0.6) ? call(id()) : words())));
        }
      });
      const { repaired, reports } = repair(...turns);
      expectInOrder(repaired, seed);
      expect(repairToolTurns(repaired, expect.fail), `seed ${seed}`).toBe(repaired);
      const dropped = reports.filter((report) => report.endsWith('dropped')).length;
      expect(saidIn(repaired).length, `seed ${seed}`).toBe(saidIn(turns).length - dropped);
      expect(saidIn(turns), `seed ${seed}`).toEqual(expect.arrayContaining([...saidIn(repaired)]));
    }
  });
});

function expectInOrder(turns: readonly ChatTurn[], seed: number): void {
  const ids: string[] = [];
  turns.forEach((turn, index) => {
    const calls = turn.blocks.flatMap((block) => (block.type === 'tool-call' ? [block.callId] : []));
    const results = turn.blocks.flatMap((block) => (block.type === 'tool-result' ? [block.callId] : []));
    ids.push(...calls);
    if (turn.role === 'tool') expect(results.length, `seed ${seed}`).toBe(turn.blocks.length);
    else expect(results, `seed ${seed}`).toEqual([]);
    if (turn.role === 'tool') expect(turns[index - 1]?.blocks.some((block) => block.type === 'tool-call')).toBe(true);
    if (calls.length === 0 || index === turns.length - 1) return;
    const answers = turns[index + 1]?.blocks.map((block) => (block.type === 'tool-result' ? block.callId : block.type));
    expect(answers, `seed ${seed}`).toEqual(calls);
  });
  expect(new Set(ids).size, `seed ${seed}`).toBe(ids.length);
}

const saidIn = (turns: readonly ChatTurn[]): readonly string[] =>
  turns.flatMap(({ blocks }) => JSON.stringify(blocks).match(/said \d+/g) ?? []);

describe('mergeTurns', () => {
  test('gives back the same turns where no neighbours have one role', () => {
    const turns = [user(text('a')), assistant(text('b')), user(text('c'))];
    expect(mergeTurns(turns)).toBe(turns);
  });

  test('joins neighbours of one role, their extensions one level deep, and a name they share', () => {
    expect(
      mergeTurns([
        { ...user(text('a')), name: 'ann', extensions: { x: { one: 1, both: 1 } } },
        { ...user(text('b')), name: 'ann', extensions: { x: { both: 2 }, y: { three: 3 } } },
        { ...assistant(text('c')), name: 'bot' },
        assistant(text('d')),
        assistant(text('e')),
        user(text('f')),
      ]),
    ).toEqual([
      { ...user(text('a'), text('b')), name: 'ann', extensions: { x: { one: 1, both: 2 }, y: { three: 3 } } },
      assistant(text('c'), text('d'), text('e')),
      user(text('f')),
    ]);
  });
});
