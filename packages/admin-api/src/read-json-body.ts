import type { IncomingMessage } from 'node:http';
import { InvalidRequestError, ProxyCastError } from '@proxycast/spec';

const MAX_BODY_BYTES = 1_048_576;
/** Far above any real body, far below what makes a recursive reader overflow its stack. */
const MAX_DEPTH = 64;

/** The body as JSON; an empty one counts as `{}`. Throws InvalidRequestError, or too-large above 1 MiB. */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  const bytes = await readBytes(request);
  if (bytes.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // The parser's own message quotes the body, which may hold a key; it is not kept as the cause either.
    throw new InvalidRequestError({ code: 'invalid_json', message: 'The body is not JSON in UTF-8.' });
  }
  if (isDeeperThan(value, MAX_DEPTH)) {
    throw new InvalidRequestError({
      code: 'invalid_json',
      message: `The body is nested deeper than ${MAX_DEPTH} levels.`,
    });
  }
  return value;
}

function readBytes(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) {
        settle();
        request.pause();
        reject(
          new ProxyCastError({
            code: 'request_too_large',
            kind: 'too-large',
            fault: 'client',
            message: `The body is larger than ${MAX_BODY_BYTES} bytes, the limit of the admin API.`,
          }),
        );
        return;
      }
      chunks.push(chunk);
    };
    const onEnd = () => {
      settle();
      resolve(Buffer.concat(chunks));
    };
    const onClose = () => {
      settle();
      reject(
        new InvalidRequestError({ code: 'incomplete_body', message: 'The connection ended before the body did.' }),
      );
    };
    function settle(): void {
      request.off('data', onData).off('end', onEnd).off('error', onClose).off('close', onClose);
    }
    request.on('data', onData).on('end', onEnd).on('error', onClose).on('close', onClose);
  });
}

function isDeeperThan(value: unknown, limit: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limit) return true;
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
  }
  return false;
}
