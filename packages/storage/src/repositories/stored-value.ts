import { StorageError } from '@proxycast/spec';

/** Where a stored value stands, for the message when it cannot be read. */
export interface StoredPlace {
  readonly table: string;
  readonly id: string;
  readonly column: string;
}

/** For an update: absent stays absent (unchanged), `null` clears. */
export function changed<Value, Column>(
  value: Value | null | undefined,
  write: (value: Value) => Column,
): Column | null | undefined {
  if (value === undefined) return undefined;
  return value === null ? null : write(value);
}

/** For an insert: absent is null. */
export function nullable<Value, Column>(value: Value | undefined, write: (value: Value) => Column): Column | null {
  return value === undefined ? null : write(value);
}

export function writeFlag(flag: boolean): number {
  return flag ? 1 : 0;
}

export function writeJson(value: unknown): string {
  return JSON.stringify(value);
}

export function readJson(text: string, place: StoredPlace): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unreadable(place, error);
  }
}

export function readTextList(text: string, place: StoredPlace): readonly string[] {
  const value = readJson(text, place);
  if (Array.isArray(value) && value.every((item): item is string => typeof item === 'string')) return value;
  throw unreadable(place);
}

export function readJsonObject(text: string, place: StoredPlace): Readonly<Record<string, unknown>> {
  const value = readJson(text, place);
  if (isJsonObject(value)) return value;
  throw unreadable(place);
}

export function readTextRecord(text: string, place: StoredPlace): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(readJsonObject(text, place)).map(([name, value]): [string, string] => {
      if (typeof value !== 'string') throw unreadable(place);
      return [name, value];
    }),
  );
}

export function readMember<Member extends string>(
  members: readonly Member[],
  text: string,
  place: StoredPlace,
): Member {
  const member = members.find((candidate) => candidate === text);
  if (member === undefined) throw unreadable(place);
  return member;
}

export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function unreadable({ table, id, column }: StoredPlace, cause?: unknown): StorageError {
  return new StorageError({
    code: 'storage_corrupt',
    message: `The value of ${column} of ${id} in ${table} was changed outside ProxyCast or is damaged. Set it again, or restore a backup.`,
    cause,
  });
}
