import { isObject, isString } from '../json.ts';

/** Says what was expected when the value is not of this shape, else nothing. */
export type Shape = (value: unknown) => string | undefined;

export const string: Shape = (value) => (isString(value) ? undefined : 'a string');
export const filledString: Shape = (value) =>
  isString(value) && value.length > 0 ? undefined : 'a string of at least one character';
export const boolean: Shape = (value) => (typeof value === 'boolean' ? undefined : 'a boolean');
export const object: Shape = (value) => (isObject(value) ? undefined : 'an object');
export const array: Shape = (value) => (Array.isArray(value) ? undefined : 'an array');
export const filledArray: Shape = (value) =>
  Array.isArray(value) && value.length > 0 ? undefined : 'an array of at least one element';
export const anything: Shape = () => undefined;

export const number =
  (least = -Infinity, most = Infinity): Shape =>
  (value) =>
    typeof value === 'number' && value >= least && value <= most ? undefined : `a number from ${least} to ${most}`;

export const integer =
  (least = -Infinity, most = Infinity): Shape =>
  (value) =>
    Number.isInteger(value) && Number(value) >= least && Number(value) <= most
      ? undefined
      : `an integer from ${least} to ${most}`;

export const oneOf =
  (...allowed: readonly (string | number | boolean)[]): Shape =>
  (value) =>
    allowed.some((entry) => entry === value) ? undefined : `one of ${allowed.map((entry) => `'${entry}'`).join(', ')}`;

export const text =
  (pattern: RegExp): Shape =>
  (value) =>
    isString(value) && pattern.test(value) ? undefined : `a string that matches '${pattern.source}'`;

export const listOf =
  (element: Shape, most = Infinity): Shape =>
  (value) => {
    if (!Array.isArray(value)) return 'an array';
    if (value.length > most) return `an array of at most ${most} elements`;
    for (const [index, entry] of value.entries()) {
      const expected = element(entry);
      if (expected !== undefined) return `${expected} at [${index}]`;
    }
    return undefined;
  };

export const either =
  (...shapes: readonly Shape[]): Shape =>
  (value) => {
    const expected: string[] = [];
    for (const shape of shapes) {
      const said = shape(value);
      if (said === undefined) return undefined;
      expected.push(said);
    }
    return expected.join(' or ');
  };

export const nullable = (shape: Shape): Shape => either(shape, (value) => (value === null ? undefined : 'null'));
