import { type FetchedMedia, mediaKey, resolveMedia as replaceAddresses } from '@proxycast/conversion';
import {
  type ChatRequest,
  type ConversionChange,
  InvalidRequestError,
  type JsonObject,
  type MediaBlock,
  type ToolBridge,
} from '@proxycast/spec';
import { isObject } from '../json.ts';
import type { ConformanceDialect } from './conformance-dialect.ts';

export interface ConvertedRequest {
  readonly body: JsonObject;
  readonly bridge?: ToolBridge;
  readonly changes: readonly ConversionChange[];
}

/** Names that the strict rules know as models of the newest kind. */
const MODELS = {
  anthropic: 'claude-sonnet-4-5',
  openai: 'gpt-recorded',
  responses: 'gpt-recorded',
  gemini: 'gemini-3-recorded',
};

export function decodeRecordedRequest(
  dialect: ConformanceDialect,
  body: unknown,
  pathModel: string | undefined,
): ChatRequest {
  const isStream = isObject(body) && body.stream === true;
  const model = pathModel ?? MODELS[dialect.id];
  return dialect.codec.decodeRequest(body, { isStream, ...(dialect.id === 'gemini' ? { pathModel: model } : {}) });
}

/** The request as an upstream of that dialect gets it, or why it cannot. */
export function encodeFor(
  to: ConformanceDialect,
  request: ChatRequest,
  { origin = `${to.id}:recorded`, model = MODELS[to.id] }: { readonly origin?: string; readonly model?: string } = {},
): ConvertedRequest | InvalidRequestError {
  const changes: ConversionChange[] = [];
  try {
    const { body, bridge } = to.codec.encodeRequest(request, {
      model,
      isStream: request.stream,
      origin,
      report: (field, action) => changes.push({ field, action }),
    });
    // As it would travel: without what JSON leaves out.
    const sent: unknown = JSON.parse(JSON.stringify(body));
    if (!isObject(sent)) throw new TypeError('The encoded request is no object.');
    return { body: sent, changes, ...(bridge === undefined ? {} : { bridge }) };
  } catch (fault) {
    if (fault instanceof InvalidRequestError) return fault;
    throw fault;
  }
}

/** What the strict service would refuse in a body; signatures it never gave among it. */
export function strictFindings(
  to: ConformanceDialect,
  body: JsonObject,
  signatures: ReadonlyMap<string, string> = new Map(),
): readonly string[] {
  const memory = { signatures: new Map(signatures), checksSignatures: true, responses: new Map() };
  const head = {
    index: 0,
    method: 'POST',
    path: to.id === 'gemini' ? `/v1beta/models/${MODELS.gemini}:generateContent` : '/',
    query: new URLSearchParams(),
    headers: {},
    rawHeaders: [],
    arrivedAtMs: 0,
  };
  return to.strict.checkBody(body, 'chat', { head, memory }).map(({ rule, message }) => `${rule}: ${message}`);
}

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const PDF = 'JVBERi0xLjQKJSVFT0YK';
const WAV = 'UklGRiQAAABXQVZFZm10IA==';

const FETCHED = new Map<MediaBlock['type'], FetchedMedia>([
  ['image', { mediaType: 'image/png', data: PNG }],
  ['document', { mediaType: 'application/pdf', data: PDF }],
  ['audio', { mediaType: 'audio/wav', data: WAV }],
]);

/** What the gateway's own stage does before it encodes: where a service does not read an address, it is fetched. */
export function resolveMedia(request: ChatRequest, to: ConformanceDialect): ChatRequest {
  const accepted = to.codec.acceptedMedia?.({ protocol: request.protocol, model: MODELS[to.id] });
  if (accepted === undefined) return request;
  const fetched = new Map<string, FetchedMedia>();
  const resolve = () => replaceAddresses(request, { accepted, fetched, report: () => {} });
  for (const media of resolve().wanted) {
    const file = FETCHED.get(media.kind);
    if (file !== undefined) fetched.set(mediaKey(media), file);
  }
  return resolve().request;
}
