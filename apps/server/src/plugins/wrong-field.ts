import { InvalidRequestError } from '@proxycast/spec';
import type { SchemaFault } from '@proxycast/spec/plugin';

/** What a schema has against a value that a person gave, with the field as the admin API names it. */
export function wrongField(group: string, { path, message }: SchemaFault): InvalidRequestError {
  const field = path === '' ? group : `${group}.${path}`;
  return new InvalidRequestError({ message: `${field} ${message}.`, field });
}
