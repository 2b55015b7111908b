import type { JsonObject } from '../../extensions.ts';

declare const value: unique symbol;

/**
 * The part of JSON Schema (2020-12) that the plugin contract is written in. `discriminator` is OpenAPI's: it names the
 * field that tells the members of `anyOf` apart.
 */
export interface JsonSchema {
  readonly type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean' | 'null';
  readonly title?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  /** Absent: other fields are let through, so that a newer side can say more than an older one reads. */
  readonly additionalProperties?: JsonSchema;
  readonly maxProperties?: number;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly anyOf?: readonly JsonSchema[];
  readonly discriminator?: { readonly propertyName: string };
}

/** A schema that remembers, for the compiler alone, what its values are. */
export interface SchemaOf<Value> extends JsonSchema {
  readonly [value]?: Value;
}

/** A field that may be missing. */
export interface OptionalField<Value> {
  readonly optional: SchemaOf<Value>;
}

export type ValueOf<Schema> = Schema extends SchemaOf<infer Value> ? Value : never;

type Fields = Readonly<Record<string, SchemaOf<unknown> | OptionalField<unknown>>>;
type Flat<Value> = { readonly [Key in keyof Value]: Value[Key] };
/** What an object with these fields is. */
export type ObjectOf<F> = Flat<
  {
    readonly [Key in keyof F as F[Key] extends OptionalField<unknown> ? never : Key]: ValueOf<F[Key]>;
  } & {
    readonly [Key in keyof F as F[Key] extends OptionalField<unknown> ? Key : never]?: F[Key] extends OptionalField<
      infer Value
    >
      ? Value
      : never;
  }
>;

interface TextBounds {
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly description?: string;
}

/** Longest text where a field says nothing else, in UTF-16 units. */
const MAX_TEXT = 65_536;
/** Most items where a list says nothing else. */
const MAX_ITEMS = 10_000;

export const text = (bounds: TextBounds = {}): SchemaOf<string> => ({ type: 'string', maxLength: MAX_TEXT, ...bounds });
export const integer = (bounds: { readonly minimum?: number; readonly maximum?: number } = {}): SchemaOf<number> => ({
  type: 'integer',
  ...bounds,
});
export const number = (bounds: { readonly minimum?: number; readonly maximum?: number } = {}): SchemaOf<number> => ({
  type: 'number',
  ...bounds,
});
export const flag = (): SchemaOf<boolean> => ({ type: 'boolean' });
/** Any JSON value. */
export const json = (): SchemaOf<unknown> => ({});
export const jsonObject = (): SchemaOf<JsonObject> => ({ type: 'object' });
export const word = <const Words extends readonly string[]>(...words: Words): SchemaOf<Words[number]> => ({
  enum: words,
});
export const literal = <const Word extends string>(only: Word): SchemaOf<Word> => ({ const: only });
export const list = <Item>(
  items: SchemaOf<Item>,
  bounds: { readonly minItems?: number; readonly maxItems?: number } = {},
): SchemaOf<readonly Item[]> => ({ type: 'array', maxItems: MAX_ITEMS, ...bounds, items });
export const record = <Item>(values: SchemaOf<Item>): SchemaOf<Readonly<Record<string, Item>>> => ({
  type: 'object',
  additionalProperties: values,
  maxProperties: MAX_ITEMS,
});
export const optional = <Value>(schema: SchemaOf<Value>): OptionalField<Value> => ({ optional: schema });

/** An object; fields it does not name are let through. */
export function object<const F extends Fields>(fields: F): SchemaOf<ObjectOf<F>> {
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  for (const [name, field] of Object.entries(fields)) {
    if ('optional' in field) properties[name] = field.optional;
    else {
      properties[name] = field;
      required.push(name);
    }
  }
  return { type: 'object', properties, required };
}

/** One of several objects, told apart by the literal in their field `type`. */
export const variants = <const Members extends readonly SchemaOf<{ readonly type: string }>[]>(
  ...members: Members
): SchemaOf<ValueOf<Members[number]>> => ({ anyOf: members, discriminator: { propertyName: 'type' } });
