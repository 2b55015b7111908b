import { describe, expect, test } from 'vitest';
import { traitsOf } from './model-traits.ts';

describe('what a model takes', () => {
  test.each<[string, Partial<ReturnType<typeof traitsOf>>]>([
    ['gpt-4o', { isReasoning: false, sampling: 'taken', efforts: [] }],
    ['gpt-4o-search-preview', { sampling: 'refused', isSearch: true }],
    ['chatgpt-4o-latest', { isReasoning: false, sampling: 'taken' }],
    ['o1', { isReasoning: true, sampling: 'refused', takesStop: true, takesParallelChoice: false }],
    ['o3-mini-2025-01-31', { isReasoning: true, efforts: ['low', 'medium', 'high'], takesStop: true }],
    ['o4-mini', { isReasoning: true, takesStop: false }],
    ['gpt-5', { isReasoning: true, efforts: ['minimal', 'low', 'medium', 'high'], sampling: 'refused' }],
    ['openai/gpt-5-mini-2025-08-07', { isReasoning: true, sampling: 'refused' }],
    ['gpt-5-chat-latest', { sampling: 'taken', efforts: [] }],
    ['gpt-5-search-api', { isSearch: true }],
    ['gpt-5-pro', { efforts: ['high'] }],
    ['gpt-5.1', { efforts: ['none', 'low', 'medium', 'high'], sampling: 'without-effort' }],
    ['gpt-5.4-mini', { efforts: ['none', 'low', 'medium', 'high', 'xhigh'] }],
    ['gpt-6-astra', { isReasoning: true, efforts: ['none', 'low', 'medium', 'high', 'xhigh'] }],
    ['gpt-oss-120b', { isReasoning: false, sampling: 'taken' }],
    ['gpt-recorded', { isReasoning: false, sampling: 'taken' }],
    ['llama-3.3-70b', { isReasoning: false, sampling: 'taken', takesStop: true }],
    ['', { isReasoning: false }],
  ])('%s', (model, traits) => {
    expect(traitsOf(model)).toMatchObject(traits);
  });

  test('of a model nobody knows no words are known', () => {
    expect(traitsOf('mine').efforts).toBeUndefined();
  });
});
