import { UNSIGNED } from '@proxycast/conversion';
import type { CacheMark, ChatBlock, Extensions, Signature, TextBlock } from '@proxycast/spec';
import { isObject, type JsonObject } from '@proxycast/wire';
import { readCacheControl } from './cache-control.ts';
import { decodeCitation } from './decode-citation.ts';
import { decodeSource } from './decode-source.ts';
import { asExtensions, DIALECT, fieldsBeside } from './dialect.ts';
import { invalidField } from './invalid-field.ts';
import { serverToolKind } from './server-tool-kind.ts';

/** What differs between the blocks of a request and those of an answer. */
export interface BlockReading {
  /** Of files named by their ids. */
  readonly origin: string;
  readSignature(text: string): Signature;
  readCallId(id: string): string;
}

/** One content block. What has no neutral form stays whole; throws InvalidRequestError for what cannot be read. */
export function decodeBlock(block: unknown, field: string, reading: BlockReading): ChatBlock {
  if (!isObject(block)) throw invalidField(field, 'a content block must be an object with a type.');
  const { type } = block;
  switch (type) {
    case 'text':
      return decodeText(block, field);
    case 'image':
    case 'document':
      return decodeMedia(type, block, field, reading);
    case 'search_result':
      return decodeSearchResult(block);
    case 'tool_use':
      return {
        type: 'tool-call',
        callId: reading.readCallId(textAt(block, 'id', field)),
        name: textAt(block, 'name', field),
        input: decodeInput(block.input, field),
        kind: 'function',
        ...rest(block, CALL),
      };
    case 'tool_result':
      return decodeResult(block, field, reading);
    case 'thinking':
      return decodeThinking(block, field, reading);
    case 'redacted_thinking':
      return {
        type: 'redacted-thinking',
        signature: reading.readSignature(textAt(block, 'data', field)),
        ...rest(block, REDACTED),
      };
    default:
      if (typeof type !== 'string') throw invalidField(`${field}.type`, 'the type of a content block is required.');
      return decodeServerBlock(type, block, reading) ?? { type: 'opaque', protocol: DIALECT, value: block };
  }
}

/** A text or a list of blocks, as the API takes both everywhere. */
export function decodeBlocks(content: unknown, field: string, reading: BlockReading): readonly ChatBlock[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  if (!Array.isArray(content)) throw invalidField(field, 'must be a text or a list of content blocks.');
  return content.map((block: unknown, index) => decodeBlock(block, `${field}.${index}`, reading));
}

const TEXT = new Set(['type', 'text']);
const CALL = new Set(['type', 'id', 'name', 'input']);
const RESULT = new Set(['type', 'tool_use_id', 'content', 'is_error']);
const THINKING = new Set(['type', 'thinking', 'signature']);
const REDACTED = new Set(['type', 'data']);
const MEDIA = new Set(['type', 'source']);
const TITLED_MEDIA = new Set(['type', 'source', 'title']);
const SERVER_CALL = new Set(['id', 'name', 'input']);
const SERVER_RESULT = new Set(['tool_use_id']);
const CACHED = 'cache_control';

/** The mark and the fields that only this dialect knows. */
function rest(
  block: JsonObject,
  known: ReadonlySet<string>,
): { readonly cache?: CacheMark; readonly extensions?: Extensions } {
  const fields = fieldsBeside(block, known);
  if (!(CACHED in fields)) return asExtensions(fields);
  const cache = readCacheControl(fields[CACHED]);
  if (cache === undefined) return asExtensions(fields);
  const { [CACHED]: _, ...others } = fields;
  return { cache, ...asExtensions(others) };
}

function textAt(block: JsonObject, name: string, field: string): string {
  const value = block[name];
  if (typeof value === 'string') return value;
  throw invalidField(`${field}.${name}`, 'must be a text.');
}

function decodeText(block: JsonObject, field: string): TextBlock {
  const text = textAt(block, 'text', field);
  const base = rest(block, TEXT);
  const { citations } = block;
  if (!Array.isArray(citations)) return { type: 'text', text, ...base };
  const decoded = citations.map(decodeCitation).filter((citation) => citation !== undefined);
  const { extensions, ...others } = base;
  const { citations: _, ...fields } = extensions?.[DIALECT] ?? {};
  return {
    type: 'text',
    text,
    ...(decoded.length === 0 ? {} : { citations: decoded }),
    ...others,
    ...asExtensions(fields),
  };
}

function decodeMedia(
  type: 'image' | 'document',
  block: JsonObject,
  field: string,
  { origin }: BlockReading,
): ChatBlock {
  const source = decodeSource(block.source, `${field}.source`, origin);
  const { title } = block;
  const base = rest(block, typeof title === 'string' ? TITLED_MEDIA : MEDIA);
  const titled = typeof title === 'string' ? { title } : {};
  if (source !== undefined) return { type, source, ...titled, ...base };
  const text = type === 'document' ? textInside(block.source) : undefined;
  if (text === undefined) return { type: 'opaque', protocol: DIALECT, value: block };
  // A document made of blocks: others get its text, this dialect the blocks.
  const fields = { ...base.extensions?.[DIALECT], source: block.source };
  return { type, source: { type: 'text', text, mediaType: 'text/plain' }, ...titled, ...base, ...asExtensions(fields) };
}

/** A search result that the client brings is a document with a title to everyone else. */
function decodeSearchResult(block: JsonObject): ChatBlock {
  const { title } = block;
  const text = textInside(block) ?? '';
  const { cache, extensions } = rest(block, NO_FIELDS);
  return {
    type: 'document',
    source: { type: 'text', text, mediaType: 'text/plain' },
    ...(typeof title === 'string' ? { title } : {}),
    ...(cache === undefined ? {} : { cache }),
    ...(extensions === undefined ? {} : { extensions }),
  };
}

const NO_FIELDS: ReadonlySet<string> = new Set();

/** The text of something with `content`: a text or a list of blocks. */
function textInside(holder: unknown): string | undefined {
  if (!isObject(holder)) return undefined;
  const { content } = holder;
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return undefined;
  const texts: string[] = [];
  for (const part of content) if (isObject(part) && typeof part.text === 'string') texts.push(part.text);
  return texts.join('\n');
}

function decodeInput(input: unknown, field: string): JsonObject | string {
  if (input === undefined || input === null) return {};
  // The API wants an object; text that clients of other dialects leave there still says what the input was.
  if (isObject(input) || typeof input === 'string') return input;
  throw invalidField(`${field}.input`, 'must be an object.');
}

function decodeResult(block: JsonObject, field: string, reading: BlockReading): ChatBlock {
  const { content, is_error: isError } = block;
  return {
    type: 'tool-result',
    callId: reading.readCallId(textAt(block, 'tool_use_id', field)),
    ...(typeof isError === 'boolean' ? { isError } : {}),
    blocks: content === undefined || content === null ? [] : decodeBlocks(content, `${field}.content`, reading),
    ...rest(block, RESULT),
  };
}

function decodeThinking(block: JsonObject, field: string, reading: BlockReading): ChatBlock {
  const text = textAt(block, 'thinking', field);
  const { signature } = block;
  return {
    type: 'thinking',
    kind: 'summary',
    parts: text === '' ? [] : [text],
    ...(typeof signature === 'string' && signature !== '' && signature !== UNSIGNED
      ? { signature: reading.readSignature(signature) }
      : {}),
    ...rest(block, THINKING),
  };
}

const CALL_SUFFIX = /_tool_use$/;
const RESULT_SUFFIX = /_tool_result$/;

/** Calls and results of tools that run at the service; whole in the extensions, since each tool has a form of its own. */
function decodeServerBlock(type: string, block: JsonObject, { readCallId }: BlockReading): ChatBlock | undefined {
  const { id, name, input, tool_use_id: resultId } = block;
  if (CALL_SUFFIX.test(type) && typeof id === 'string' && typeof name === 'string') {
    return {
      type: 'server-tool-call',
      callId: readCallId(id),
      tool: serverToolKind(type === 'server_tool_use' ? name : type),
      name,
      input: isObject(input) || typeof input === 'string' ? input : {},
      ...rest(block, SERVER_CALL),
    };
  }
  if (RESULT_SUFFIX.test(type) && typeof resultId === 'string') {
    return {
      type: 'server-tool-result',
      callId: readCallId(resultId),
      tool: serverToolKind(type),
      ...describeResult(block),
      ...rest(block, SERVER_RESULT),
    };
  }
  return undefined;
}

interface ResultDescription {
  readonly isError?: true;
  readonly sources?: readonly { readonly url: string; readonly title?: string }[];
  readonly text?: string;
}

/** What of a result others understand: that it failed, the pages it found, the text it printed. */
function describeResult({ content, is_error: isError }: JsonObject): ResultDescription {
  const parts: readonly unknown[] = Array.isArray(content) ? content : [content];
  const sources: { url: string; title?: string }[] = [];
  const texts: string[] = [];
  let failed = isError === true;
  for (const part of parts) {
    if (typeof part === 'string') texts.push(part);
    if (!isObject(part)) continue;
    if (typeof part.type === 'string' && part.type.endsWith('_error')) failed = true;
    const title = typeof part.title === 'string' ? part.title : titleInside(part.content);
    if (typeof part.url === 'string') sources.push({ url: part.url, ...(title === undefined ? {} : { title }) });
    for (const name of TEXTS) {
      const text = part[name];
      if (typeof text === 'string' && text !== '') texts.push(text);
    }
  }
  return {
    ...(failed ? { isError: true } : {}),
    ...(sources.length === 0 ? {} : { sources }),
    ...(texts.length === 0 ? {} : { text: texts.join('\n') }),
  };
}

/** Where tools put what they print. */
const TEXTS = ['text', 'stdout', 'stderr', 'content'];

/** A fetched page is a document inside its result. */
const titleInside = (content: unknown): string | undefined =>
  isObject(content) && typeof content.title === 'string' ? content.title : undefined;
