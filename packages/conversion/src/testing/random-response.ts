import type { ChatBlock, ChatChoice, ChatResponse, Extensions, Signature, StopReason } from '@proxycast/spec';
import { createRandom } from './seeded-random.ts';

const REASONS: readonly StopReason[] = ['end', 'tool-use', 'length', 'stop-sequence', 'refusal', 'other'];
const TEXTS = ['', 'a', 'Hello, world', '漢字 😀', 'line\nline "quoted" \\ back', ' '] as const;

/** Draws from what there is; the same for the same seed. */
export interface Draw {
  number(below: number): number;
  chance(share: number): boolean;
  from<Value>(values: readonly [Value, ...Value[]]): Value;
  text(): string;
}

export function createDraw(seed: number): Draw {
  const random = createRandom(seed);
  const number = (below: number) => Math.floor(random() * below);
  return {
    number,
    chance: (share) => random() < share,
    from: (values) => values[number(values.length)] ?? values[0],
    text: () => TEXTS[number(TEXTS.length)] ?? '',
  };
}

const times = <Value>(count: number, make: (index: number) => Value): Value[] =>
  Array.from({ length: count }, (_, index) => make(index));

function signatureOf(draw: Draw): { readonly signature?: Signature } {
  return draw.chance(0.3) ? { signature: { origin: draw.from(['a:x', 'b:y', 'a']), value: draw.text() } } : {};
}

function extensionsOf(draw: Draw): { readonly extensions?: Extensions } {
  if (!draw.chance(0.2)) return {};
  return { extensions: { [draw.from(['a', 'b'])]: { field: draw.number(9), other: { deep: [draw.text()] } } } };
}

function randomBlock(draw: Draw): ChatBlock {
  const signature = signatureOf(draw);
  const extensions = extensionsOf(draw);
  const callId = `call_${draw.number(1000)}`;
  switch (draw.number(10)) {
    case 0:
      return {
        type: 'thinking',
        kind: draw.from(['full', 'summary']),
        parts: times(draw.number(4), () => draw.text()),
        ...signature,
        ...extensions,
      };
    case 1:
      return { type: 'redacted-thinking', signature: { origin: 'a:x', value: draw.text() }, ...extensions };
    case 2:
      return { type: 'refusal', text: draw.text(), ...extensions };
    case 3:
      return {
        type: 'server-tool-call',
        callId,
        tool: 'web-search',
        name: 'search',
        input: draw.from(['', '{"query":"x"}']),
        ...signature,
        ...extensions,
      };
    case 4:
      return {
        type: 'server-tool-result',
        callId,
        tool: 'web-search',
        ...(draw.chance(0.5) ? { isError: draw.chance(0.5) } : {}),
        ...(draw.chance(0.5) ? { sources: [{ url: 'https://example.com', title: draw.text() }] } : {}),
        ...(draw.chance(0.5) ? { text: draw.text() } : {}),
        ...signature,
        ...extensions,
      };
    case 5:
      return {
        type: 'image',
        source: draw.from([
          { type: 'base64', mediaType: 'image/png', data: 'iVBORw0KGgo=' },
          { type: 'url', url: 'https://example.com/a.png' },
        ]),
        ...signature,
        ...extensions,
      };
    case 6:
      return {
        type: 'audio',
        source: { type: 'base64', mediaType: draw.from(['audio/wav', 'application/octet-stream']), data: 'UklGRg==' },
        ...(draw.chance(0.5) ? { transcript: draw.text() } : {}),
        ...signature,
        ...extensions,
      };
    case 7:
      return { type: 'opaque', protocol: draw.from(['a', 'b']), value: { type: 'odd', n: 1 }, ...extensions };
    case 8:
      return {
        type: 'tool-call',
        callId,
        name: draw.from(['read_file', 'bash']),
        kind: draw.from(['function', 'custom']),
        input: draw.text(),
        ...(draw.chance(0.2) ? { namespace: 'files' } : {}),
        ...signature,
        ...extensions,
      };
    default:
      return {
        type: 'text',
        text: draw.text(),
        ...(draw.chance(0.2)
          ? {
              citations: times(1 + draw.number(2), (index) => ({
                type: 'url',
                url: 'https://example.com',
                startIndex: index,
              })),
            }
          : {}),
        ...(draw.chance(0.2)
          ? { logprobs: times(draw.number(3), () => ({ token: draw.text(), logprob: -draw.number(5), bytes: [1, 2] })) }
          : {}),
        ...signature,
        ...extensions,
      };
  }
}

function randomChoice(draw: Draw): ChatChoice {
  return {
    blocks: times(draw.number(6), () => randomBlock(draw)),
    reason: REASONS[draw.number(REASONS.length)] ?? 'end',
    ...(draw.chance(0.3) ? { upstreamReason: draw.text() } : {}),
    ...(draw.chance(0.2) ? { stopSequence: draw.text() } : {}),
    ...extensionsOf(draw),
  };
}

/** An answer as the decoder of a stream could have made it: the inputs of its calls are text. */
export function randomResponse(draw: Draw): ChatResponse {
  return {
    id: `answer_${draw.number(1000)}`,
    model: draw.from(['model-a', 'model-b']),
    ...(draw.chance(0.5) ? { createdAtSeconds: draw.number(2e9) } : {}),
    choices: times(draw.from([1, 1, 1, 2, 3]), () => randomChoice(draw)),
    ...(draw.chance(0.7)
      ? {
          usage: {
            ...(draw.chance(0.8) ? { input: draw.number(1000) } : {}),
            ...(draw.chance(0.5) ? { output: draw.number(1000) } : {}),
            ...extensionsOf(draw),
          },
        }
      : {}),
    ...extensionsOf(draw),
  };
}
