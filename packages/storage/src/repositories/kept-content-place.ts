import type { SecretPlace } from '../secrets/sealed-secret.ts';

export const keptContentPlace = (recordId: string): SecretPlace => ({
  table: 'kept_responses',
  recordId,
  field: 'content_encrypted',
});
