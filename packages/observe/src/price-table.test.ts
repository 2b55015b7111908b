import { expect, test } from 'vitest';
import priceData from '../../../presets/api-key/models-pricing.json' with { type: 'json' };
import { parsePriceTable } from './price-table.ts';

const table = parsePriceTable({
  models: [
    {
      id: 'Model-A',
      input: 2,
      output: 10,
      cache_read: 0.2,
      cache_write: 2.5,
      tiers: [{ over_prompt_tokens: 1000, input: 4, output: 15, cache_read: 0.4, cache_write: 5 }],
    },
    { id: 'free', input: 0, output: 0, cache_read: null },
    { id: 'unknown', input: null, output: null },
  ],
});

test.each([
  ['model-a', { input: 100, output: 10 }, 300],
  ['model-a', { input: 100, cacheRead: 50, cacheWrite: 20, output: 10 }, 30 * 2 + 50 * 0.2 + 20 * 2.5 + 100],
  ['maker/model-a', { input: 100, output: 10 }, 300],
  ['model-a-20260101', { input: 100, output: 10 }, 300],
  ['model-a-2026-01-01', { input: 100, output: 10 }, 300],
  ['model-a', { input: 2000, output: 10 }, 8150],
  ['free', { input: 100, output: 10 }, 0],
  ['unknown', { input: 100, output: 10 }, undefined],
  ['nobody', { input: 100, output: 10 }, undefined],
  ['model-a', {}, undefined],
  ['model-a', undefined, undefined],
])('%s with %o costs %s micro-dollars', (model, usage, expected) => {
  expect(table.costMicroUsd(model, usage)).toBe(expected);
});

test('the shipped prices are read', () => {
  const shipped = parsePriceTable(priceData);
  expect(shipped.costMicroUsd('gpt-6-astra', { input: 1_000_000, output: 0 })).toBe(20_000_000);
  expect(shipped.costMicroUsd('gpt-6-astra', { input: 1000, output: 1000 })).toBe(60_000);
});
