import type { JsonObject } from '@proxycast/spec';

/** What is shown of a setting that a person typed into a password field, and what sent back leaves it as it is. */
export const HIDDEN_SETTING = '[secret]';

/** The settings as they may be shown: texts that the schema calls a password are hidden. */
export function hideSecrets(schema: JsonObject | undefined, settings: JsonObject): JsonObject {
  return mapSecrets(schema, settings, undefined, () => HIDDEN_SETTING);
}

/** New settings in which what was shown hidden is what is stored. */
export function keepSecrets(schema: JsonObject | undefined, next: JsonObject, stored: JsonObject): JsonObject {
  return mapSecrets(schema, next, stored, (text, before) =>
    text === HIDDEN_SETTING && typeof before === 'string' ? before : text,
  );
}

type MapSecret = (text: string, before: unknown) => string;

function mapSecrets(schema: JsonObject | undefined, value: JsonObject, before: unknown, map: MapSecret): JsonObject {
  const { properties } = schema ?? {};
  const fields = isObject(properties) ? properties : {};
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
      const was = isObject(before) && Object.hasOwn(before, name) ? before[name] : undefined;
      if (!isObject(field)) return [name, inner];
      if (typeof inner === 'string') return [name, isSecret(field) ? map(inner, was) : inner];
      return [name, isObject(inner) ? mapSecrets(field, inner, was, map) : inner];
    }),
  );
}

const isSecret = (field: JsonObject): boolean => field['format'] === 'password' || field['writeOnly'] === true;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
