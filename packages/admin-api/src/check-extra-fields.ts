import { PROVIDER_EXTRA_FIELDS, type ProviderExtraField } from '@proxycast/console-api';
import { InvalidRequestError } from '@proxycast/spec';
import type { ProviderType } from './admin-api-ports.ts';

/** Throws InvalidRequestError for a column that has a value here and no meaning for the type. */
export function checkExtraFields(
  fields: Readonly<Partial<Record<ProviderExtraField, string | null>>>,
  type: ProviderType,
): void {
  for (const field of PROVIDER_EXTRA_FIELDS) {
    if (typeof fields[field] === 'string' && !type.extraFields.includes(field)) {
      throw new InvalidRequestError({ message: `A provider of type ${type.type} has no ${field}.`, field });
    }
  }
}
