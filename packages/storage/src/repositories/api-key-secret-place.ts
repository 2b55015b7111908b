import type { SecretPlace } from '../secrets/sealed-secret.ts';

export function apiKeySecretPlace(recordId: string): SecretPlace {
  return { table: 'api_keys', recordId, field: 'api_key_encrypted' };
}
