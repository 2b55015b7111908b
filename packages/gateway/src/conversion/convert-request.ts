import {
  type ChatRequest,
  type ClientCodec,
  type ConversionChange,
  type DecodeRequestContext,
  type EncodeRequestContext,
  InvalidRequestError,
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
}

export interface ConvertedRequest {
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
  { decoding, readsStream, encoding }: RequestConversion,
  write: (text: string) => Uint8Array = inOwnMemory,
): ConvertedRequest {
  const body = parseBody(bytes);
  const isStream = readsStream ? isObject(body) && body['stream'] === true : decoding.isStream;
  const request = client.decodeRequest(body, { ...decoding, isStream });
  const changes: ConversionChange[] = [];
  const encoded = upstream.encodeRequest(request, {
    ...encoding,
    isStream,
    report: (field, action) => {
      if (!changes.some((change) => change.field === field && change.action === action))
        changes.push({ field, action });
    },
  });
  return {
    body: write(JSON.stringify(encoded.body)),
    ...(encoded.headers === undefined ? {} : { headers: encoded.headers }),
    ...(encoded.bridge === undefined ? {} : { bridge: encoded.bridge }),
    changes,
    request: { ...request, turns: [] },
  };
}

function parseBody(bytes: Uint8Array): unknown {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InvalidRequestError({ code: 'invalid_json', message: 'The request body is not valid JSON.', cause });
  }
}
