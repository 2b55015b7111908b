import type { Extensions, JsonObject } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { DIALECT, ownFields } from '../own-fields.ts';

/** All a response says beside its items and its counts, for an encoder of the same dialect. */
export function responseExtensions({ output: _, usage: __, ...rest }: JsonObject): Extensions {
  return { [DIALECT]: { response: rest } };
}

export function responseRestOf(extensions: Extensions | undefined): JsonObject | undefined {
  const response = ownFields(extensions)?.['response'];
  return isObject(response) ? response : undefined;
}
