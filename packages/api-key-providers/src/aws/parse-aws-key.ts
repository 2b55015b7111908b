import { InvalidRequestError } from '@proxycast/spec';
import { isObject, parseJson } from '@proxycast/wire';
import type { AwsCredential } from './sign-v4.ts';

export type AwsKey =
  | { readonly type: 'bearer'; readonly token: string }
  | ({ readonly type: 'signing' } & AwsCredential);

/**
 * What is stored as the key: a Bedrock API key, or an access key as JSON `{access_key_id, secret_access_key, session_token?}` or
 * as `id|secret`. Throws InvalidRequestError for JSON that lacks a field.
 */
export function parseAwsKey(secret: string): AwsKey {
  const text = secret.trim();
  if (text.startsWith('{')) {
    const value = parseJson(text);
    const fields = isObject(value) ? value : {};
    const accessKeyId = fields['access_key_id'];
    const secretAccessKey = fields['secret_access_key'];
    const sessionToken = fields['session_token'];
    if (typeof accessKeyId !== 'string' || typeof secretAccessKey !== 'string') {
      throw new InvalidRequestError({
        code: 'aws_key_invalid',
        message: 'An AWS key as JSON needs access_key_id and secret_access_key.',
        field: 'key',
      });
    }
    return {
      type: 'signing',
      accessKeyId,
      secretAccessKey,
      ...(typeof sessionToken === 'string' && sessionToken !== '' ? { sessionToken } : {}),
    };
  }
  const [accessKeyId, secretAccessKey] = text.split('|');
  if (accessKeyId !== undefined && secretAccessKey !== undefined && /^A[A-Z0-9]{10,}$/.test(accessKeyId)) {
    return { type: 'signing', accessKeyId, secretAccessKey };
  }
  return { type: 'bearer', token: text };
}
