import type { SecretPlace } from '../secrets/sealed-secret.ts';

export function pluginCredentialPlace(recordId: string): SecretPlace {
  return { table: 'plugin_credentials', recordId, field: 'credential_data_encrypted' };
}
