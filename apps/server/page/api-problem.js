import { hasWord } from './words.js';

/** A refusal or a silence of the server. `code` is stable; `message` is the server's own, in English. */
export class ApiProblem extends Error {
  constructor({ code, message = '', field, status = 0, seconds = 0 }) {
    super(message);
    Object.assign(this, { code, field, status, seconds });
  }
}

/** Key and values of the words for an error: ours where there are some, else the server's. */
export function wordsOf({ code, field, message, seconds }) {
  const key = [`error.field.${field}`, `error.${code}`].find(hasWord) ?? 'error.other';
  return [key, { message, count: seconds }];
}
