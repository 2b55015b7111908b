import { fieldsOf, textOf } from './admin-client.ts';

/** A field of a form, as far as a line of text can fill it. */
export interface JsonSchemaField {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly type: string | undefined;
  readonly isRequired: boolean;
  /** Never shown. */
  readonly isSecret: boolean;
  /** The only values there are; empty where any is allowed. */
  readonly choices: readonly string[];
}

/** The fields of an object's JSON Schema, in its order. */
export function readSchemaFields(schema: unknown): readonly JsonSchemaField[] {
  const { properties, required } = fieldsOf(schema);
  const isRequired = (name: string): boolean => Array.isArray(required) && required.includes(name);
  return Object.entries(fieldsOf(properties)).map(([name, property]) => {
    const { title, description, type, format, writeOnly, enum: choices } = fieldsOf(property);
    return {
      name,
      title: textOf(title) || name,
      description: textOf(description),
      type: typeof type === 'string' ? type : undefined,
      isRequired: isRequired(name),
      isSecret: format === 'password' || writeOnly === true,
      choices: Array.isArray(choices) ? choices.map(String) : [],
    };
  });
}

/**
 * A value out of a line of text, by its type in the schema; without a type JSON where it is some, else the text itself.
 * `undefined`: it is not of that type.
 */
export function parseFieldValue(text: string, type: string | undefined): unknown {
  if (type === 'string') return text;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return type === undefined ? text : undefined;
  }
  switch (type) {
    case undefined:
      return value;
    case 'array':
      return Array.isArray(value) ? value : undefined;
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
    case 'null':
      return value === null ? value : undefined;
    case 'integer':
      return Number.isSafeInteger(value) ? value : undefined;
    default:
      // `number` and `boolean` go by the same name in both languages.
      return typeof value === type ? value : undefined;
  }
}
