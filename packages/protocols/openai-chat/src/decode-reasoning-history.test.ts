import { expect, test } from 'vitest';
import { encodeCarried } from './carried-signature.ts';
import { decodeReasoningHistory, placeCarried } from './decode-reasoning-history.ts';

const signature = { origin: 'anthropic:a', value: 'c2ln' };

test('thinking is what was signed, although the client kept its last piece alone', () => {
  const entry = { kind: 'thinking', start: 0, end: 11, place: 0, signature, text: 'Two cities.' } as const;
  const message = { reasoning_content: 'cities.', reasoning_details: [encodeCarried(entry)] };
  const blocks = placeCarried(decodeReasoningHistory(message), [], []);
  expect(blocks).toEqual([{ type: 'thinking', parts: ['Two cities.'], kind: 'full', signature }]);
});

test('several signed pieces of which the client kept the last are themselves again', () => {
  const first = { kind: 'thinking', start: 0, end: 4, place: 0, signature, text: 'One.' } as const;
  const second = { kind: 'thinking', start: 6, end: 10, place: 1, signature, text: 'Two.' } as const;
  const message = { reasoning_content: 'Two.', reasoning_details: [first, second].map(encodeCarried) };
  const blocks = placeCarried(decodeReasoningHistory(message), [], []);
  expect(blocks.map((block) => (block.type === 'thinking' ? block.parts : []))).toEqual([['One.'], ['Two.']]);
});
