import { expect, test } from 'vitest';
import { mapEffort } from './map-effort.ts';
import { modelTraitsOf } from './model-traits.ts';

test.each([
  ['gpt-4o', false],
  ['openai/gpt-4.1-mini', false],
  ['chatgpt-4o-latest', false],
  ['gpt-5-chat-latest', false],
  ['gpt-5', true],
  ['GPT-5-nano', true],
  ['gpt-5.2-codex', true],
  ['gpt-5.6-sol', true],
  ['o3', true],
  ['o4-mini', true],
  ['openai/gpt-oss-120b', true],
  ['grok-4', undefined],
  ['omni', undefined],
])('%s thinks: %s', (model, isReasoning) => {
  expect(modelTraitsOf(model).isReasoning).toBe(isReasoning);
});

test.each([
  ['none', ['minimal', 'low', 'high'], 'minimal'],
  ['minimal', ['none', 'low', 'high'], 'low'],
  ['medium', ['low', 'high'], 'high'],
  ['max', ['low', 'high'], 'high'],
  ['xhigh', ['xhigh', 'max'], 'xhigh'],
  ['max', undefined, 'max'],
] as const)('%s of %j is %s', (wanted, efforts, mapped) => {
  expect(mapEffort(wanted, efforts)).toBe(mapped);
});
