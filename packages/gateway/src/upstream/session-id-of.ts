import { createHash } from 'node:crypto';
import { type ChunkedBytes, parseJson, parseObject, TopLevelScanner, textOf } from '@proxycast/wire';
import type { Exchange } from '../exchange.ts';

/** Headers in which clients name their conversation: Codex, and tools that follow it. */
const SESSION_HEADERS = ['session_id', 'session-id', 'x-session-id', 'x-claude-code-session-id'];
const TURNS_FIELDS = ['messages', 'input', 'contents'];
/** More of the first turns is not looked at; a longer one is told by its beginning. */
const MAX_TURN_BYTES = 64 * 1024;

/**
 * The same for all turns of a conversation: by what the client calls it, else by how it begins, up to its first word of a
 * person. Two conversations of one client that begin alike are taken for one.
 */
export function sessionIdOf(
  { request, clientKey }: Pick<Exchange, 'request' | 'clientKey'>,
  body: ChunkedBytes,
): string {
  const header = SESSION_HEADERS.map((name) => textOf(request.headers[name])).find((value) => value !== undefined);
  const hash = createHash('sha256').update(clientKey.id).update('\0');
  if (header !== undefined) return finish(hash.update(header));
  const scanner = new TopLevelScanner();
  for (const chunk of body.chunks) scanner.push(chunk);
  const scan = scanner.end();
  const bytesOf = (name: string): Buffer | undefined => {
    const field = scan.type === 'broken' ? undefined : scan.fields.find(({ key }) => key === name);
    return field === undefined
      ? undefined
      : body.slice(field.valueStart, Math.min(field.valueEnd, field.valueStart + MAX_TURN_BYTES));
  };
  const jsonOf = (name: string): string => bytesOf(name)?.toString('utf8') ?? '';
  // OpenAI's two dialects have a field for it; Claude Code puts it among its metadata.
  const named = textOf(parseJson(jsonOf('prompt_cache_key'))) ?? textOf(parseObject(jsonOf('metadata'))?.['user_id']);
  if (named !== undefined) return finish(hash.update(named));
  for (const name of TURNS_FIELDS) {
    const bytes = bytesOf(name);
    if (bytes !== undefined) return finish(hash.update(bytes.subarray(0, endOfBeginning(bytes))));
  }
  return finish(hash);
}

const finish = (hash: ReturnType<typeof createHash>): string => hash.digest('hex').slice(0, 32);

const ROLE = Buffer.from('"role"');
const USER = Buffer.from('"user"');
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** One past the first element of a list that is of a user; the whole where there is none, or it is no list. */
function endOfBeginning(bytes: Buffer): number {
  if (bytes[0] !== 0x5b) return bytes.length;
  let depth = 0;
  let start = 1;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      at = endOfString(bytes, at);
      continue;
    }
    if (byte === 0x7b || byte === 0x5b) depth++;
    else if (byte === 0x7d || byte === 0x5d) {
      depth--;
      if (depth !== 1) continue;
      const element = bytes.subarray(start, at);
      // Gemini's turns need not say that they are a person's.
      if (element.includes(USER) || !element.includes(ROLE)) return at + 1;
      start = at + 1;
    }
  }
  return bytes.length;
}

/** Position of the closing quote, or past the end. */
function endOfString(bytes: Buffer, quote: number): number {
  for (let at = bytes.indexOf(QUOTE, quote + 1); at >= 0; at = bytes.indexOf(QUOTE, at + 1)) {
    let slashes = 0;
    while (bytes[at - 1 - slashes] === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return at;
  }
  return bytes.length;
}
