import { countOf, isObject } from '@proxycast/wire';

/** The count of `count_tokens`; `undefined` when it did not say. */
export const decodeTokenCount = (body: unknown): number | undefined =>
  isObject(body) ? countOf(body.input_tokens) : undefined;
