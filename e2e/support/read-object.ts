/** The value as an object whose fields are not known yet. Throws when it is none. */
export function readObject(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(`Expected an object, got ${JSON.stringify(value)}.`);
  }
  return { ...value };
}
