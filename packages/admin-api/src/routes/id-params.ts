import { idField } from '@proxycast/console-api';
import { parseClientKeyId, parseCredentialId, parseProviderId } from '@proxycast/spec';
import { z } from 'zod';

export const clientKeyParams = z.strictObject({ id: idField.transform(parseClientKeyId) });
export const providerParams = z.strictObject({ id: idField.transform(parseProviderId) });
export const apiKeyParams = z.strictObject({
  id: idField.transform(parseProviderId),
  keyId: idField.transform(parseCredentialId),
});
export const plainParams = z.strictObject({ id: idField });
