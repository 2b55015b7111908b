import { InvalidRequestError } from '@proxycast/spec';
import type { ProviderType } from './admin-api-ports.ts';

/** Throws InvalidRequestError naming `type` and the types there are. */
export function findProviderType(types: readonly ProviderType[], name: string): ProviderType {
  const found = types.find((candidate) => candidate.type === name);
  if (found !== undefined) return found;
  throw new InvalidRequestError({
    message: `type is one of: ${types.map(({ type }) => type).join(', ')}.`,
    field: 'type',
  });
}
