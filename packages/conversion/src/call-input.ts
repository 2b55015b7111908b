import type { JsonObject } from '@proxycast/spec';
import { parseObject } from '@proxycast/wire';

/** A call of a client's tool or of a service's own; a service's has no `kind`. */
export interface CallWithInput {
  readonly input: JsonObject | string;
  readonly kind?: 'function' | 'custom';
}

/** A call's input as its text: JSON, as it came where it came as text; the free text of a custom call. Empty JSON is `{}`. */
export function inputTextOf({ input, kind }: CallWithInput): string {
  if (typeof input !== 'string') return JSON.stringify(input);
  return kind !== 'custom' && input.trim() === '' ? '{}' : input;
}

/** A call's input as an object: `{ "_raw": text }` for text that is none, `{ "input": text }` for a custom call. */
export function inputObjectOf({ input, kind }: CallWithInput): JsonObject {
  if (typeof input !== 'string') return input;
  if (kind === 'custom') return { input };
  if (input.trim() === '') return {};
  return parseObject(input) ?? { _raw: input };
}
