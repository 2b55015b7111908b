import { InvalidRequestError } from '@proxycast/spec';

/** A request that cannot be read, with the field as the API names it: `contents[0].parts[1].text`. */
export const refusal = (field: string, message: string): InvalidRequestError =>
  new InvalidRequestError(field === '' ? { message } : { message, field });
