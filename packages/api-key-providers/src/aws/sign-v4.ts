import { createHash, createHmac } from 'node:crypto';

export interface AwsCredential {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface SignedRequest {
  readonly method: string;
  readonly host: string;
  /** Path and query as they are sent: already percent-encoded. */
  readonly path: string;
  readonly body: readonly Uint8Array[];
  readonly region: string;
  readonly service: string;
  readonly nowMs: number;
}

/**
 * AWS Signature Version 4 as headers: name, value, name, value. Signs host, date and session token, and the body's
 * SHA-256; the path that was sent is encoded once more, as every service but S3 wants it.
 */
export function signV4(request: SignedRequest, credential: AwsCredential): readonly string[] {
  const { method, host, path, body, region, service, nowMs } = request;
  const stamp = new Date(nowMs).toISOString().replace(/[:-]|\.\d{3}/g, '');
  const date = stamp.slice(0, 8);
  const mark = path.indexOf('?');
  const pathname = mark < 0 ? path : path.slice(0, mark);
  const query = mark < 0 ? '' : canonicalQuery(path.slice(mark + 1));
  const signed: [string, string][] = [
    ['host', host],
    ['x-amz-date', stamp],
  ];
  if (credential.sessionToken !== undefined) signed.push(['x-amz-security-token', credential.sessionToken]);
  const names = signed.map(([name]) => name).join(';');
  const canonical = [
    method,
    pathname.split('/').map(encodeRfc3986).join('/'),
    query,
    ...signed.map(([name, value]) => `${name}:${value}`),
    '',
    names,
    sha256(body),
  ].join('\n');
  const scope = `${date}/${region}/${service}/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', stamp, scope, sha256([Buffer.from(canonical)])].join('\n');
  const key = [date, region, service, 'aws4_request'].reduce<Buffer>(
    (secret, part) => hmac(secret, part),
    Buffer.from(`AWS4${credential.secretAccessKey}`),
  );
  const signature = hmac(key, text).toString('hex');
  const headers = ['x-amz-date', stamp];
  if (credential.sessionToken !== undefined) headers.push('x-amz-security-token', credential.sessionToken);
  headers.push(
    'authorization',
    `AWS4-HMAC-SHA256 Credential=${credential.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
  );
  return headers;
}

function canonicalQuery(query: string): string {
  return [...new URLSearchParams(query)]
    .map(([name, value]) => `${encodeRfc3986(name)}=${encodeRfc3986(value)}`)
    .sort()
    .join('&');
}

const encodeRfc3986 = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);

const hmac = (key: Uint8Array, text: string): Buffer => createHmac('sha256', key).update(text).digest();

function sha256(parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}
