import {
  type ChatBlock,
  type ChatRequest,
  type ConversionChange,
  InvalidRequestError,
  type JsonObject,
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

/** What the gateway's own stage does before it encodes for a dialect without URLs: it fetches. */
export function resolveMedia(request: ChatRequest, to: ConformanceDialect): ChatRequest {
  if (to.id !== 'gemini' || request.protocol === 'gemini') return request;
  const fetched = (block: ChatBlock): ChatBlock => {
    if (block.type === 'tool-result') return { ...block, blocks: block.blocks.map(fetched) };
    if (block.type !== 'image' && block.type !== 'document') return block;
    if (block.source.type !== 'url' || !/^https?:/.test(block.source.url)) return block;
    const [mediaType, data] = block.type === 'image' ? ['image/png', PNG] : ['application/pdf', PDF];
    return { ...block, source: { type: 'base64', mediaType, data } };
  };
  return { ...request, turns: request.turns.map((turn) => ({ ...turn, blocks: turn.blocks.map(fetched) })) };
}
