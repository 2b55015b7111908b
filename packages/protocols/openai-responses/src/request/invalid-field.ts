import { InvalidRequestError } from '@proxycast/spec';

/** `field` as the API names it: `input[0].content[1].text`; empty for the body itself. */
export const invalidField = (field: string, message: string): InvalidRequestError =>
  new InvalidRequestError(field === '' ? { message } : { message, field });
