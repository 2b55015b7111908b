import { expect, test } from 'vitest';
import { traitsOf } from './model-traits.ts';

test.each([
  ['anthropic.claude-v2:1', 'none', true, false],
  ['anthropic.claude-3-5-sonnet-20240620-v1:0', 'none', true, false],
  ['us.anthropic.claude-3-7-sonnet-20250219-v1:0', 'budget', true, false],
  ['us.anthropic.claude-sonnet-4-20250514-v1:0', 'budget', true, false],
  ['us.anthropic.claude-haiku-4-5-20251001-v1:0', 'budget', true, false],
  ['eu.anthropic.claude-opus-4-6-v1', 'adaptive', false, false],
  ['global.anthropic.claude-opus-4-7', 'adaptive', false, true],
  ['anthropic.claude-fable-5', 'adaptive', false, true],
  ['amazon.nova-lite-v1:0', 'none', true, false],
  ['meta.llama3-3-70b-instruct-v1:0', 'none', false, false],
])('%s: thinking %s, prefill %j, sampling refused %j', (model, thinking, takesPrefill, refusesSampling) => {
  expect(traitsOf(model)).toMatchObject({ thinking, takesPrefill, refusesSampling });
});
