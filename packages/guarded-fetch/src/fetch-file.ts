import { FetchRefusedError } from '@proxycast/spec';
import type { GuardedFetch, GuardedRequest } from './create-guarded-fetch.ts';
import { shownUrl } from './shown-url.ts';
import { SNIFFED_BYTES, sniffMediaType } from './sniff-media-type.ts';

export interface FileRequest extends Omit<GuardedRequest, 'method' | 'body'> {
  /** What may come, in lower case. */
  readonly mediaTypes: readonly string[];
  /** Told of the bytes of each piece as it comes; what it throws ends the fetch and is thrown. */
  readonly count?: (bytes: number) => void;
}

export interface FetchedFile {
  /** As header and bytes say together. */
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/**
 * Fetches a file of one of the named types: its header has to announce such a one, or nothing in particular, and its first bytes
 * have to be of it. Throws FetchRefusedError.
 */
export async function fetchFile(guardedFetch: GuardedFetch, url: string, request: FileRequest): Promise<FetchedFile> {
  const { mediaTypes } = request;
  await using answer = await guardedFetch(url, {
    ...request,
    headers: { ...request.headers, accept: [...mediaTypes, '*/*;q=0.1'].join(', ') },
  });
  if (answer.status !== 200) {
    throw new FetchRefusedError({
      code: 'url_status',
      message: `${shownUrl(answer.url)} answered with the status ${answer.status} in place of a file.`,
    });
  }
  const declared = declaredType(answer.headers.get('content-type'));
  const refuse = (found: string | undefined): FetchRefusedError =>
    new FetchRefusedError({
      code: 'url_type_refused',
      message: `${shownUrl(answer.url)} is ${describe(declared, found)}. What is taken here: ${mediaTypes.join(', ')}.`,
    });
  if (declared !== undefined && !mediaTypes.some((taken) => familyOf(taken) === familyOf(declared))) {
    throw refuse(undefined);
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  let isLookedAt = false;
  for await (const chunk of answer.body) {
    chunks.push(chunk);
    length += chunk.length;
    request.count?.(chunk.length);
    if (isLookedAt || length < SNIFFED_BYTES) continue;
    isLookedAt = true;
    // Known early, so that nothing large is fetched to be thrown away.
    if (agreedType(declared, sniffMediaType(Buffer.concat(chunks)), mediaTypes) === undefined) {
      throw refuse(sniffMediaType(Buffer.concat(chunks)));
    }
  }
  const bytes = Buffer.concat(chunks, length);
  const found = sniffMediaType(bytes);
  const mediaType = agreedType(declared, found, mediaTypes);
  if (mediaType === undefined) throw refuse(found);
  return { mediaType, bytes };
}

/** Types that announce nothing. */
const GENERIC: ReadonlySet<string> = new Set(['application/octet-stream', 'binary/octet-stream', 'application/binary']);
/** Other names of what is sniffed under one. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['image/jpg', 'image/jpeg'],
  ['image/pjpeg', 'image/jpeg'],
  ['image/x-png', 'image/png'],
  ['application/x-pdf', 'application/pdf'],
  ['audio/mp3', 'audio/mpeg'],
  ['audio/x-wav', 'audio/wav'],
  ['audio/wave', 'audio/wav'],
  ['audio/vnd.wave', 'audio/wav'],
  ['audio/x-flac', 'audio/flac'],
  ['audio/x-aiff', 'audio/aiff'],
  ['audio/aacp', 'audio/aac'],
]);

const OOXML = 'application/vnd.openxmlformats-officedocument';
/** What only a header can tell, and by which bytes it is held. */
const CONTAINERS: ReadonlyMap<string, string> = new Map([
  ['audio/mp4', 'video/mp4'],
  [`${OOXML}.wordprocessingml.document`, 'application/zip'],
  [`${OOXML}.spreadsheetml.sheet`, 'application/zip'],
  [`${OOXML}.presentationml.presentation`, 'application/zip'],
  ['application/msword', 'application/x-ole-storage'],
  ['application/vnd.ms-excel', 'application/x-ole-storage'],
]);

function declaredType(header: string | undefined): string | undefined {
  const type = header?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return type === '' || GENERIC.has(type) ? undefined : (ALIASES.get(type) ?? type);
}

/** `image`, `audio`, `video`; a document's type whole, all text being one. */
function familyOf(mediaType: string): string {
  if (isTextual(mediaType)) return 'text';
  const [kind = ''] = mediaType.split('/', 1);
  return kind === 'application' ? mediaType : kind;
}

const isTextual = (mediaType: string): boolean =>
  mediaType.startsWith('text/') || /^application\/(json|xml|yaml|x-yaml)$/.test(mediaType);

/** What header and bytes agree on, if that is taken; the bytes say which of a family it is, the header which kind of text. */
function agreedType(
  declared: string | undefined,
  found: string | undefined,
  mediaTypes: readonly string[],
): string | undefined {
  if (found === undefined) return undefined;
  if (declared === undefined) return mediaTypes.includes(found) ? found : undefined;
  if (CONTAINERS.get(declared) === found) return mediaTypes.includes(declared) ? declared : undefined;
  if (familyOf(declared) !== familyOf(found)) return undefined;
  if (!isTextual(found)) return mediaTypes.includes(found) ? found : undefined;
  // A page in place of a text is most often one that says that there is none.
  if (found === 'text/html' && declared !== 'text/html') return undefined;
  return mediaTypes.includes(declared) ? declared : undefined;
}

function describe(declared: string | undefined, found: string | undefined): string {
  const said = declared === undefined ? '' : `announced as ${declared.slice(0, 100)}`;
  const seen = found === undefined ? '' : `${found} by its bytes`;
  return [said, seen].filter((text) => text !== '').join(' and ') || 'of a kind that is not known';
}
