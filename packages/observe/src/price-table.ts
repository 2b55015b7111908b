import type { TokenUsage } from '@proxycast/spec';

/** US dollars per million tokens, which is the same number of micro-dollars per token. */
interface Price {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number | undefined;
  readonly cacheWrite: number | undefined;
}

interface ModelPrice extends Price {
  /** The longest answer the model gives, in tokens. */
  readonly maxOutputTokens: number | undefined;
  /** The whole request is charged at another rate once its prompt is longer. Ordered by length, longest first. */
  readonly tiers: readonly (Price & { readonly overPromptTokens: number })[];
}

const MAX_REMEMBERED_MODELS = 1_000;

export interface PriceTable {
  /** Micro-dollars, rounded; `undefined` when the model or the tokens are not known. */
  costMicroUsd(model: string, usage: TokenUsage | undefined): number | undefined;
  /** How long an answer of the model may be; `undefined` when it is not known. */
  maxOutputTokens(model: string): number | undefined;
}

/** Reads `models-pricing.json`. Rows without prices are left out. Throws a TypeError when it is no such file. */
export function parsePriceTable(data: unknown): PriceTable {
  const models = asRecord(data)?.['models'];
  if (!Array.isArray(models)) throw new TypeError('The price file must hold an array "models".');
  const prices = new Map<string, ModelPrice>();
  for (const row of models) {
    const fields = asRecord(row);
    const price = fields === undefined ? undefined : parsePrice(fields);
    const id = fields?.['id'];
    if (fields === undefined || price === undefined || typeof id !== 'string') continue;
    const tiers = Array.isArray(fields['tiers']) ? fields['tiers'] : [];
    const maxOutput = fields['max_output'];
    prices.set(id.toLowerCase(), {
      ...price,
      maxOutputTokens: typeof maxOutput === 'number' && maxOutput > 0 ? maxOutput : undefined,
      tiers: tiers
        .flatMap((tier: unknown) => {
          const tierFields = asRecord(tier);
          const over = tierFields?.['over_prompt_tokens'];
          const tierPrice = tierFields === undefined ? undefined : parsePrice(tierFields);
          return tierPrice === undefined || typeof over !== 'number' ? [] : [{ ...tierPrice, overPromptTokens: over }];
        })
        .sort((left, right) => right.overPromptTokens - left.overPromptTokens),
    });
  }

  const remembered = new Map<string, ModelPrice | undefined>();
  const priceOf = (model: string): ModelPrice | undefined => {
    if (remembered.has(model)) return remembered.get(model);
    // Clients name a handful of models; one that makes up names must not grow the memory.
    if (remembered.size >= MAX_REMEMBERED_MODELS) remembered.clear();
    const price = findPrice(prices, model);
    remembered.set(model, price);
    return price;
  };

  return {
    maxOutputTokens: (model) => priceOf(model)?.maxOutputTokens,
    costMicroUsd(model, usage) {
      if (usage?.input === undefined && usage?.output === undefined) return undefined;
      const price = priceOf(model);
      if (price === undefined) return undefined;
      const input = usage.input ?? 0;
      const rate = price.tiers.find(({ overPromptTokens }) => input > overPromptTokens) ?? price;
      const read = Math.min(usage.cacheRead ?? 0, input);
      const written = Math.min(usage.cacheWrite ?? 0, input - read);
      const cost =
        (input - read - written) * rate.input +
        read * (rate.cacheRead ?? rate.input) +
        written * (rate.cacheWrite ?? rate.input) +
        (usage.output ?? 0) * rate.output;
      return Math.round(cost);
    },
  };
}

/** By exact name, then without a maker's prefix (`maker/model`), then without a date at the end (`-20250929`, `-2025-09-29`). */
function findPrice(prices: ReadonlyMap<string, ModelPrice>, model: string): ModelPrice | undefined {
  const name = model.toLowerCase();
  const bare = name.slice(name.lastIndexOf('/') + 1);
  const undated = bare.replace(/[-@](\d{8}|\d{4}-\d{2}-\d{2}|latest)$/, '');
  return prices.get(name) ?? prices.get(bare) ?? prices.get(undated);
}

function parsePrice(fields: Readonly<Record<string, unknown>>): Price | undefined {
  const { input, output, cache_read: cacheRead, cache_write: cacheWrite } = fields;
  if (typeof input !== 'number') return undefined;
  return {
    input,
    output: typeof output === 'number' ? output : 0,
    cacheRead: typeof cacheRead === 'number' ? cacheRead : undefined,
    cacheWrite: typeof cacheWrite === 'number' ? cacheWrite : undefined,
  };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : undefined;
}
