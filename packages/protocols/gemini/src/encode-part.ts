import { type JsonObject, parseObject } from '@proxycast/wire';

/** A call that is growing: the dialect sends calls whole. */
export interface GrowingCall {
  readonly id: string;
  readonly name: string;
  json: string;
}

/** No input at all means an empty one; text that is no JSON object is kept, under a name that says so. */
export function encodeCall({ id, name, json }: GrowingCall): JsonObject {
  return { functionCall: { id, name, args: json === '' ? {} : (parseObject(json) ?? { _raw: json }) } };
}
