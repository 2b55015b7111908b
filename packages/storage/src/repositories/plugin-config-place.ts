import type { SecretPlace } from '../secrets/sealed-secret.ts';

export function pluginConfigPlace(recordId: string): SecretPlace {
  return { table: 'credential_provider_plugins', recordId, field: 'config' };
}
