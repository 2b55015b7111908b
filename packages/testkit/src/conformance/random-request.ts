import type { ChatBlock, ChatRequest, ChatTool, ChatTurn, Reasoning } from '@proxycast/spec';
import { randomJson, randomText } from './random-answer.ts';
import type { SeededRandom } from './seeded-random.ts';

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const NAMES = [
  'read',
  'a/b',
  'a_b',
  '1st',
  'with space',
  'x'.repeat(150),
  'mcp__server__tool',
  'Ünïcode',
  '-dash',
] as const;
const PROTOCOLS = ['anthropic', 'openai', 'responses', 'gemini', 'elsewhere'] as const;

/**
 * A conversation nobody would have on purpose: any order of turns, calls without results, results without calls, foreign
 * signatures, empty texts, names and ids of any form.
 */
export function randomRequest(random: SeededRandom): ChatRequest {
  const protocol = random.pick(PROTOCOLS);
  const callIds: string[] = [];
  const turns = Array.from({ length: 1 + random.int(8) }, () => randomTurn(random, callIds));
  const tools = uniqueBy(
    Array.from({ length: random.int(4) }, () => randomTool(random)),
    ({ name }) => name,
  );
  const named = tools[random.int(Math.max(1, tools.length))];
  return {
    protocol,
    model: 'random-model',
    stream: random.oneIn(2),
    turns,
    tools,
    ...(random.oneIn(3) ? { toolChoice: { type: random.pick(['auto', 'none', 'required'] as const) } } : {}),
    ...(random.oneIn(5) && named !== undefined
      ? {
          toolChoice: {
            type: 'named' as const,
            name: named.name,
            kind: named.type === 'custom' ? ('custom' as const) : ('function' as const),
          },
        }
      : {}),
    ...(random.oneIn(6) && named !== undefined
      ? { toolChoice: { type: 'allowed' as const, mode: 'required' as const, names: [named.name] } }
      : {}),
    ...(random.oneIn(3) ? { allowsParallelTools: random.oneIn(2) } : {}),
    // What a client of the dialect itself sends goes as it is, and is the upstream's to refuse.
    ...(random.oneIn(2) ? { maxOutputTokens: (protocol === 'responses' ? 16 : 1) + random.int(5000) } : {}),
    ...(random.oneIn(2)
      ? { sampling: { temperature: random.int(200) / 100, topP: random.int(100) / 100, topK: random.int(50) } }
      : {}),
    ...(random.oneIn(3)
      ? { stop: Array.from({ length: random.int(7) }, (_, index) => `${randomText(random)}${index}`) }
      : {}),
    ...(random.oneIn(3)
      ? {
          reasoning: random.pick<Reasoning>([
            { mode: 'off' },
            { mode: 'auto' },
            { mode: 'on', effort: 'high' },
            { mode: 'on', budget: 100 },
            { mode: 'on', budget: 50_000, display: 'summary' },
          ]),
        }
      : {}),
    ...(random.oneIn(5) ? { output: { type: 'schema' as const, schema: randomSchema(random), name: 'answer' } } : {}),
    ...(random.oneIn(6) ? { output: { type: 'json' as const } } : {}),
  };
}

function randomTurn(random: SeededRandom, callIds: string[]): ChatTurn {
  const role = random.pick(['system', 'user', 'user', 'assistant', 'assistant', 'tool', 'tool'] as const);
  const blocks = Array.from({ length: random.int(4) }, () => randomBlock(random, role, callIds));
  return { role, blocks };
}

function randomBlock(random: SeededRandom, role: ChatTurn['role'], callIds: string[]): ChatBlock {
  const signature = {
    origin: random.pick(['anthropic:other', 'gemini:other', 'responses:other', 'openai:other', 'foreign']),
    value: 'Zm9yZWlnbg==',
  };
  if (role === 'tool') {
    return {
      type: 'tool-result',
      callId: random.oneIn(4) ? `orphan:${random.int(9)}` : (callIds[random.int(callIds.length)] ?? 'nobody'),
      ...(random.oneIn(4) ? { isError: true } : {}),
      blocks: [
        { type: 'text', text: random.oneIn(3) ? JSON.stringify(randomJson(random)) : randomText(random) },
        ...(random.oneIn(4) ? [picture] : []),
      ],
    };
  }
  if (role === 'assistant') {
    switch (random.int(5)) {
      case 0:
        return {
          type: 'thinking',
          parts: [randomText(random)],
          kind: 'full',
          ...(random.oneIn(2) ? { signature } : {}),
        };
      case 1:
        return random.oneIn(2)
          ? { type: 'redacted-thinking', signature }
          : { type: 'opaque', protocol: 'elsewhere', value: { type: 'strange' } };
      case 2:
      case 3: {
        const callId = random.oneIn(3)
          ? `id with spaces\n${'y'.repeat(random.int(100))}${callIds.length}`
          : `call_${callIds.length}`;
        callIds.push(callId);
        return {
          type: 'tool-call',
          callId,
          name: random.pick(NAMES),
          kind: 'function',
          input: random.oneIn(3) ? randomText(random) : { value: randomJson(random) },
          ...(random.oneIn(3) ? { signature } : {}),
        };
      }
      default:
    }
  }
  return role === 'user' && random.oneIn(4) ? picture : { type: 'text', text: randomText(random) };
}

const picture: ChatBlock = { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: PNG } };

function randomTool(random: SeededRandom): ChatTool {
  const name = random.pick(NAMES);
  if (random.oneIn(4))
    return {
      type: 'custom',
      name,
      description: 'Takes text.',
      ...(random.oneIn(2) ? { grammar: { syntax: 'lark', definition: 'start: "a"' } } : {}),
    };
  return {
    type: 'function',
    name,
    ...(random.oneIn(2) ? { description: randomText(random) } : {}),
    inputSchema: random.oneIn(4) ? {} : randomSchema(random),
  };
}

function randomSchema(random: SeededRandom, depth = 0): Readonly<Record<string, unknown>> {
  const properties = Object.fromEntries(
    Array.from({ length: random.int(4) }, (_, index) => [
      `${random.pick(['title', 'const', 'type', 'value'] as const)}${index === 0 ? '' : index}`,
      randomProperty(random, depth),
    ]),
  );
  return {
    type: 'object',
    properties,
    ...(random.oneIn(2) ? { required: [...Object.keys(properties), ...(random.oneIn(4) ? ['ghost'] : [])] } : {}),
    ...(random.oneIn(3) ? { additionalProperties: false } : {}),
    ...(random.oneIn(4) ? { $schema: 'https://json-schema.org/draft/2020-12/schema' } : {}),
    ...(random.oneIn(6) ? { $defs: { Thing: { type: 'string' } } } : {}),
  };
}

function randomProperty(random: SeededRandom, depth: number): unknown {
  const kinds: readonly unknown[] = [
    { type: 'string', format: 'uuid' },
    { const: random.pick<unknown>(['a', 1, null, true]) },
    { type: ['string', 'null'] },
    { type: 'integer', exclusiveMinimum: 0 },
    { enum: [1, 'a', ''] },
    { oneOf: [{ type: 'string' }, { type: 'number' }] },
    { allOf: [{ type: 'object', properties: { inner: { type: 'string' } } }] },
    { type: 'array' },
    { type: 'array', items: { $ref: '#/$defs/Thing' } },
    { type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }] },
    true,
    {},
    depth > 2 ? { type: 'string' } : randomSchema(random, depth + 1),
  ];
  return kinds[random.int(kinds.length)];
}

function uniqueBy<Value>(values: readonly Value[], key: (value: Value) => string): readonly Value[] {
  return [...new Map(values.map((value) => [key(value), value])).values()];
}
