import { InvalidRequestError } from '@proxycast/spec';

/** The refusal of a field, which is named as the API itself names it: `messages[0].role`. */
export const invalidField = (field: string, message: string): InvalidRequestError =>
  new InvalidRequestError(field === '' ? { message } : { message, field });
