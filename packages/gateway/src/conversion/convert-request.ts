import { type FetchedMedia, mediaKey, resolveMedia, type WantedMedia } from '@proxycast/conversion';
import {
  type ChatRequest,
  type ClientCodec,
  type ConversionChange,
  type DecodeRequestContext,
  type EncodeRequestContext,
  InvalidRequestError,
  type MediaBlock,
  type ReportChange,
  type ToolBridge,
  type UpstreamCodec,
} from '@proxycast/spec';
import { isObject } from '@proxycast/wire';

/** What one attempt asks of the conversion; travels to the worker as it is. */
export interface RequestConversion {
  readonly decoding: DecodeRequestContext;
  /** Whether the body says if the answer streams. */
  readonly readsStream: boolean;
  readonly encoding: Omit<EncodeRequestContext, 'report' | 'isStream'>;
  /** What was fetched so far; absent: addresses stay as they are. */
  readonly media?: readonly FetchedFile[];
}

/** What is at an address that a request names, as it travels between threads. */
export interface FetchedFile {
  readonly kind: MediaBlock['type'];
  readonly url: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

export type ConversionOutcome =
  | ConvertedRequest
  /** These have to be fetched before the same conversion can go on. */
  | { readonly type: 'needs-media'; readonly wanted: readonly WantedMedia[] };

export interface ConvertedRequest {
  readonly type: 'converted';
  readonly body: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  readonly bridge?: ToolBridge;
  readonly changes: readonly ConversionChange[];
  /** Without its turns: an answer needs what was asked for, not the conversation, which may be megabytes. */
  readonly request: ChatRequest;
}

/** Text in bytes of its own. */
const inOwnMemory = (text: string): Uint8Array => Buffer.from(text);

/**
 * A request in another dialect: parsed once, decoded, encoded, written with `write`. Throws InvalidRequestError.
 */
export function convertRequest(
  bytes: Uint8Array,
  { client, upstream }: { readonly client: ClientCodec; readonly upstream: UpstreamCodec },
  { decoding, readsStream, encoding, media }: RequestConversion,
  write: (text: string) => Uint8Array = inOwnMemory,
): ConversionOutcome {
  const body = parseBody(bytes);
  const isStream = readsStream ? isObject(body) && body['stream'] === true : decoding.isStream;
  const request = client.decodeRequest(body, { ...decoding, isStream });
  const changes: ConversionChange[] = [];
  const report: ReportChange = (field, action) => {
    if (!changes.some((change) => change.field === field && change.action === action)) changes.push({ field, action });
  };
  const accepted =
    media === undefined ? undefined : upstream.acceptedMedia?.({ protocol: request.protocol, model: encoding.model });
  const resolved =
    accepted === undefined
      ? { request, wanted: [] }
      : resolveMedia(request, { accepted, fetched: inBase64(media ?? []), report });
  if (resolved.wanted.length > 0) return { type: 'needs-media', wanted: resolved.wanted };
  const encoded = upstream.encodeRequest(resolved.request, { ...encoding, isStream, report });
  return {
    type: 'converted',
    body: write(JSON.stringify(encoded.body)),
    ...(encoded.headers === undefined ? {} : { headers: encoded.headers }),
    ...(encoded.bridge === undefined ? {} : { bridge: encoded.bridge }),
    changes,
    request: { ...request, turns: [] },
  };
}

function inBase64(files: readonly FetchedFile[]): ReadonlyMap<string, FetchedMedia> {
  return new Map(
    files.map((file) => {
      const { buffer, byteOffset, byteLength } = file.bytes;
      const data = Buffer.from(buffer, byteOffset, byteLength).toString('base64');
      return [mediaKey(file), { mediaType: file.mediaType, data }];
    }),
  );
}

function parseBody(bytes: Uint8Array): unknown {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InvalidRequestError({ code: 'invalid_json', message: 'The request body is not valid JSON.', cause });
  }
}
