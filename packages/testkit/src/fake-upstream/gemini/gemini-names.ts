import type { JsonObject } from '../../json.ts';

/** The server takes snake_case too: protocols.md 1, "JSON naming". */
export function camelCase(field: string): string {
  return field.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}

function snakeCase(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Reads a field by its camelCase name in either spelling. */
export function readField(object: JsonObject, field: string): unknown {
  const value = object[field];
  return value === undefined ? object[snakeCase(field)] : value;
}
