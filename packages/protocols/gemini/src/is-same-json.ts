import { isObject } from '@proxycast/wire';

/** Whether two JSON values are equal; the order of an object's fields says nothing. */
export function isSameJson(first: unknown, second: unknown): boolean {
  if (Array.isArray(first)) {
    return (
      Array.isArray(second) &&
      first.length === second.length &&
      first.every((value: unknown, index) => isSameJson(value, second[index]))
    );
  }
  if (!isObject(first) || !isObject(second)) return first === second;
  const names = Object.keys(first);
  return (
    names.length === Object.keys(second).length &&
    names.every((name) => Object.hasOwn(second, name) && isSameJson(first[name], second[name]))
  );
}
