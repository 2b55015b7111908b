import { list, type SchemaOf, text } from '../schema/json-schema.ts';

/** Pairs of name and value, in order; a name may come twice. Names in lower case. */
export type HttpHeaderList = readonly (readonly string[])[];

export const httpHeaderListSchema: SchemaOf<HttpHeaderList> = list(
  list(text({ maxLength: 32_768 }), { minItems: 2, maxItems: 2 }),
  { maxItems: 200 },
);
