import { describe, expect, test } from 'vitest';
import { inputObjectOf, inputTextOf } from './call-input.ts';

describe('the input of a call', () => {
  test.each([
    ['an object', { a: 1 }, '{"a":1}', { a: 1 }],
    ['the text of an object', '{ "a": 1 }', '{ "a": 1 }', { a: 1 }],
    ['no text', '', '{}', {}],
    ['blanks', ' \n', '{}', {}],
    ['text cut short', '{"a":', '{"a":', { _raw: '{"a":' }],
    ['a list', '[1]', '[1]', { _raw: '[1]' }],
    ['a word', 'null', 'null', { _raw: 'null' }],
    ['two objects', '{}{}', '{}{}', { _raw: '{}{}' }],
  ])('of %s', (_, input, text, object) => {
    expect(inputTextOf({ input, kind: 'function' })).toBe(text);
    expect(inputObjectOf({ input, kind: 'function' })).toEqual(object);
    expect(inputTextOf({ input })).toBe(text);
  });

  test.each([[''], ['*** Begin Patch'], ['{"a":1}']])('of a custom call is its text: %j', (input) => {
    expect(inputTextOf({ input, kind: 'custom' })).toBe(input);
    expect(inputObjectOf({ input, kind: 'custom' })).toEqual({ input });
  });
});
