import type { Extensions, JsonObject } from '@proxycast/spec';

/** Base id of the dialect: under it stand its own fields in `extensions`, and signatures nobody converted have it as origin. */
export const DIALECT = 'openai';

const NOTHING: JsonObject = {};

/** What only this dialect says of a request, a turn, a block, a tool or an answer. */
export const ownFieldsOf = ({ extensions }: { readonly extensions?: Extensions }): JsonObject =>
  extensions?.[DIALECT] ?? NOTHING;

/** The property `extensions` with the fields; none where there are none. */
export function ownExtensions(fields: JsonObject): { readonly extensions?: Extensions } {
  for (const _ in fields) return { extensions: { [DIALECT]: fields } };
  return {};
}
