import { InvalidRequestError } from '@proxycast/spec';

/** A request that cannot be read; `field` as the API itself names it: `messages.0.content.1.text`. */
export function invalidField(field: string, what: string): InvalidRequestError {
  return new InvalidRequestError({ field, message: `${field}: ${what}` });
}
