import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export interface SigningKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

const MAX_SKEW_MS = 5 * 60_000;
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;

/** What the service would say is wrong with the signature of a request as it arrived; `undefined` when nothing is. */
export function findSignatureFault(
  request: IncomingMessage,
  body: Buffer,
  { key, region, nowMs }: { readonly key: SigningKey; readonly region: string; readonly nowMs: number },
): string | undefined {
  const match = AUTHORIZATION.exec(request.headers.authorization ?? '');
  if (match === null) return 'MissingAuthenticationTokenException: no Signature Version 4 in authorization.';
  const [, accessKeyId, date, signedRegion, service, names = '', signature] = match;
  const stamp = String(request.headers['x-amz-date'] ?? '');
  if (accessKeyId !== key.accessKeyId)
    return 'UnrecognizedClientException: The security token included in the request is invalid.';
  if (signedRegion !== region || service !== 'bedrock') {
    return `InvalidSignatureException: Credential should be scoped to a valid region: '${region}' and the service 'bedrock'.`;
  }
  if (!stamp.startsWith(date ?? '-') || Math.abs(parseStamp(stamp) - nowMs) > MAX_SKEW_MS) {
    return `InvalidSignatureException: Signature expired: ${stamp} is not within 5 minutes of the service's time.`;
  }
  if (request.headers['x-amz-security-token'] !== key.sessionToken) {
    return 'UnrecognizedClientException: The security token included in the request is invalid.';
  }
  const headers = names.split(';');
  if (!headers.includes('host') || !headers.includes('x-amz-date'))
    return 'InvalidSignatureException: host and x-amz-date must be signed.';
  if (key.sessionToken !== undefined && !headers.includes('x-amz-security-token'))
    return 'InvalidSignatureException: x-amz-security-token must be signed.';
  const sent = request.headers['x-amz-content-sha256'];
  if (sent !== undefined && sent !== hex(body))
    return 'InvalidSignatureException: x-amz-content-sha256 does not match the body.';
  const [pathname = '', query = ''] = (request.url ?? '').split('?');
  const canonical = [
    request.method,
    // Each segment as it was sent, encoded once more.
    pathname.split('/').map(encodeRfc3986).join('/'),
    query.split('&').sort().join('&'),
    ...headers.map((name) => `${name}:${String(request.headers[name] ?? '').trim()}`),
    '',
    names,
    hex(body),
  ].join('\n');
  const scope = [date, signedRegion, service, 'aws4_request'];
  let secret: Buffer = Buffer.from(`AWS4${key.secretAccessKey}`);
  for (const part of scope)
    secret = createHmac('sha256', secret)
      .update(part ?? '')
      .digest();
  const text = ['AWS4-HMAC-SHA256', stamp, scope.join('/'), hex(Buffer.from(canonical))].join('\n');
  return createHmac('sha256', secret).update(text).digest('hex') === signature
    ? undefined
    : 'InvalidSignatureException: The request signature we calculated does not match the signature you provided.';
}

const encodeRfc3986 = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);

const hex = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

function parseStamp(stamp: string): number {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(stamp) ?? [];
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
}
