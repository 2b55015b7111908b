/** What a statement's parameter may be on both engines. */
export type SqlValue = string | number | bigint | null | Uint8Array;

export function parseSqlValue(value: unknown): SqlValue {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'bigint':
      return value;
    case 'object':
      if (value === null || value instanceof Uint8Array) return value;
  }
  throw new TypeError(`A statement's parameter cannot be of type ${typeof value}.`);
}
