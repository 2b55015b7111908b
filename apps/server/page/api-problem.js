import { hasWord } from './words.js';

/** A refusal of the server, or its silence. `code` is stable; `message` is the server's own, in English. */
export class ApiProblem extends Error {
  constructor({ code, message, status = 0, field, seconds }) {
    super(message);
    Object.assign(this, { code, status, field, seconds });
  }
}

export const unreachable = () => new ApiProblem({ code: 'unreachable', message: '' });

/** Key and values of the words for an error: ours where there are some, else the server's. */
export function wordsOf(error) {
  const { code, field, message, seconds = 0 } = error;
  const keys = [`error.field.${field}`, `error.${code}`];
  return [keys.find(hasWord) ?? 'error.other', { message, count: seconds }];
}
