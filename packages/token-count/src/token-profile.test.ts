import { expect, test } from 'vitest';
import { profileOf } from './token-profile.ts';

test.each([
  ['claude-3-5-haiku-latest', 'claude-4.1-'],
  ['claude-sonnet-4-20250514', 'claude-4.1-'],
  ['claude-opus-4-1@20250805', 'claude-4.1-'],
  ['claude-sonnet-4-5-20250929', 'claude'],
  ['anthropic/claude-haiku-4.5', 'claude'],
  ['us.anthropic.claude-opus-4-6-v1:0', 'claude'],
  ['claude-opus-4-8', 'claude-4.7+'],
  ['claude-sonnet-5', 'claude-4.7+'],
  ['claude-fable-5', 'claude-4.7+'],
  ['gemini-2.5-flash', 'gemini-2'],
  ['google/gemini-3-pro-preview', 'gemini-3+'],
  ['gemini-flash-latest', 'gemini-3+'],
  ['gpt-4o-2024-08-06', 'gpt-4o'],
  ['gpt-4o-mini', 'gpt-4o-mini'],
  ['gpt-4.1-nano', 'gpt-4.1-mini'],
  ['openai/o3', 'gpt-4o'],
  ['gpt-4-turbo', 'gpt-4'],
  ['gpt-3.5-turbo', 'gpt-4'],
  ['gpt-5.6-sol', 'gpt-5+'],
  ['openai/gpt-oss-120b', 'gpt-oss'],
  ['deepseek-ai/DeepSeek-R1', 'deepseek'],
  ['grok-4-1-fast-non-reasoning', 'grok-4.1-'],
  ['grok-4.3', 'grok'],
  ['mistralai/Mixtral-8x7B-Instruct-v0.1', 'mistral'],
  ['Qwen/Qwen2.5-VL-72B-Instruct', 'qwen'],
  ['meta-llama/Llama-3.3-70B-Instruct', 'llama'],
  ['zai/GLM-5.2', 'glm'],
  ['a-model-of-nobody', 'other'],
  ['', 'other'],
])('%j is of the family %s', (model, family) => {
  expect(profileOf(model).family).toBe(family);
});
