import { describe, expect, test } from 'vitest';
import { modelTraits } from './model-traits.ts';

describe('modelTraits', () => {
  test.each([
    ['claude-3-opus-20240229', 'none', 4096],
    ['claude-3-5-haiku-latest', 'none', 8192],
    ['claude-3.5-sonnet', 'none', 8192],
    ['claude-3-7-sonnet-20250219', 'budget', 64_000],
    ['claude-sonnet-4-20250514', 'budget', 64_000],
    ['claude-sonnet-4-0', 'budget', 64_000],
    ['claude-opus-4-1-20250805', 'budget', 32_000],
    ['claude-sonnet-4-5-20250929', 'budget', 64_000],
    ['anthropic/claude-opus-4.5', 'budget', 64_000],
    ['claude-sonnet-4-6', 'both', 64_000],
    ['us.anthropic.claude-opus-4-6-v1:0', 'both', 128_000],
    ['claude-opus-4-6[1m]', 'both', 128_000],
    ['claude-opus-4-7', 'adaptive', 128_000],
    ['claude-opus-4-10', 'adaptive', 128_000],
    ['Claude-Sonnet-5', 'adaptive', 128_000],
    ['claude-fable-5', 'adaptive', 128_000],
    ['claude-opus-latest', 'adaptive', 128_000],
    ['glm-4.6', 'budget', 8192],
    ['deepseek-chat', 'budget', 8192],
  ])('%s: thinking %s, %i tokens', (model, thinking, maxOutputTokens) => {
    expect(modelTraits(model, false)).toMatchObject({ thinking, maxOutputTokens });
  });

  test.each([
    ['claude-sonnet-4-5', true, false, []],
    ['claude-opus-4-5', true, false, ['low', 'medium', 'high']],
    ['claude-opus-4-6', false, false, ['low', 'medium', 'high', 'max']],
    ['claude-opus-4-8', false, true, ['low', 'medium', 'high', 'xhigh', 'max']],
    ['claude-haiku-5', false, true, ['low', 'medium', 'high', 'xhigh', 'max']],
    ['kimi-k2', true, false, []],
  ])('%s: prefill %s, system turns %s', (model, takesPrefill, takesSystemTurns, efforts) => {
    expect(modelTraits(model, false)).toMatchObject({ takesPrefill, takesSystemTurns, efforts });
  });

  test.each([
    ['claude-sonnet-4-0', 'all', false],
    ['claude-opus-4-1', 'single', true],
    ['claude-haiku-4-5', 'single', true],
    ['claude-opus-4-7', 'none', true],
    ['minimax-m2', 'all', true],
  ])('%s: sampling %s, schemas %s', (model, sampling, takesSchemas) => {
    expect(modelTraits(model, false)).toMatchObject({ sampling, takesSchemas });
  });

  test('a client of the dialect is trusted about a model nobody here knows, not about one of the table', () => {
    const trusted = { thinking: 'both', takesSystemTurns: true, efforts: ['low', 'medium', 'high', 'xhigh', 'max'] };
    expect(modelTraits('glm-4.6', true)).toMatchObject(trusted);
    expect(modelTraits('claude-sonnet-4-5', true)).toEqual(modelTraits('claude-sonnet-4-5', false));
  });
});
