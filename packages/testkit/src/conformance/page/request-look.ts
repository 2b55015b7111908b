import { isDeepStrictEqual } from 'node:util';
import { type ChatRequest, InvalidRequestError } from '@proxycast/spec';
import type { FakeDialectId } from '../../fake-upstream/recorded-request.ts';
import type { JsonObject } from '../../json.ts';
import type { ConformanceDialect } from '../conformance-dialect.ts';
import {
  type ConvertedRequest,
  decodeRecordedRequest,
  encodeFor,
  resolveMedia,
  strictFindings,
} from '../convert-request.ts';
import { describeChanges, fault, lossy, NONE, type Outcome, PASS } from './outcome.ts';

/** A field or a form of request, as each dialect says it. */
export interface RequestLook {
  /** Laid over a plain question; absent where a dialect has no word for it. */
  readonly asks: Partial<Readonly<Record<FakeDialectId, JsonObject>>>;
  /** What has to arrive. */
  readonly read: (request: ChatRequest) => unknown;
  /** A model that has it, where not every one does. */
  readonly models?: Partial<Readonly<Record<FakeDialectId, string>>>;
  /** What stands there instead, in a dialect that has it in another form and says nothing of it; absent: nothing. */
  readonly forms?: Partial<Readonly<Record<FakeDialectId, string>>>;
  /** What of the encoded body proves that it arrived, where our own decoder is not enough of a witness. */
  readonly witness?: Partial<Readonly<Record<FakeDialectId, RegExp>>>;
}

export const PLAIN: Readonly<Record<FakeDialectId, JsonObject>> = {
  anthropic: { model: 'model', max_tokens: 4096, messages: [{ role: 'user', content: 'Begin.' }] },
  openai: { model: 'model', max_completion_tokens: 4096, messages: [{ role: 'user', content: 'Begin.' }] },
  responses: { model: 'model', max_output_tokens: 4096, store: false, input: [{ role: 'user', content: 'Begin.' }] },
  gemini: { contents: [{ role: 'user', parts: [{ text: 'Begin.' }] }], generationConfig: { maxOutputTokens: 4096 } },
};

/** What a request becomes: asked in one dialect, encoded for the other, checked as the service checks it, read there again. */
export function lookAtRequest(
  { asks, read, models, witness, forms }: RequestLook,
  client: ConformanceDialect,
  upstream: ConformanceDialect,
): Outcome {
  const ask = asks[client.id];
  if (ask === undefined) return NONE;
  const request = questionOf(client, ask);
  if (request instanceof InvalidRequestError) return { type: 'refused', why: reasonOf(request) };
  const model = models?.[upstream.id];
  const encoded = encodeFor(upstream, resolveMedia(request, upstream), model === undefined ? {} : { model });
  if (encoded instanceof InvalidRequestError) return { type: 'refused', why: reasonOf(encoded) };
  const findings = strictFindings(upstream, encoded.body);
  if (findings.length > 0) return fault(`the service refuses it: ${findings.join('; ')}`);
  const isSeen = witness?.[upstream.id]?.test(JSON.stringify(encoded.body)) ?? true;
  if (isSeen && isDeepStrictEqual(plain(read(request)), plain(read(arrivedOf(upstream, encoded))))) {
    return encoded.changes.length === 0 ? PASS : lossy(describeChanges(encoded.changes));
  }
  const form = forms?.[upstream.id];
  if (encoded.changes.length > 0) {
    const told = describeChanges(encoded.changes);
    return lossy(form === undefined ? told : `${form} (${told})`);
  }
  return lossy(form ?? 'left out: nobody sees a difference');
}

/** A plain question with that laid over it, decoded. */
export function questionOf(client: ConformanceDialect, ask: JsonObject): ChatRequest | InvalidRequestError {
  const plainBody = PLAIN[client.id];
  const config = client.id === 'gemini' ? { generationConfig: { ...object(plainBody), ...object(ask) } } : {};
  try {
    return decodeRecordedRequest(
      client,
      { ...plainBody, ...ask, ...config },
      client.id === 'gemini' ? 'model' : undefined,
    );
  } catch (thrown) {
    if (thrown instanceof InvalidRequestError) return thrown;
    throw thrown;
  }
}

const object = ({ generationConfig: config }: JsonObject): object =>
  typeof config === 'object' && config !== null ? config : {};

/** As the service reads it, tools under the client's names again. */
function arrivedOf(upstream: ConformanceDialect, { body, bridge }: ConvertedRequest): ChatRequest {
  const request = decodeRecordedRequest(upstream, body, upstream.id === 'gemini' ? 'model' : undefined);
  if (bridge === undefined) return request;
  const nameOf = (name: string): string => bridge.tools.get(name)?.name ?? name;
  const { toolChoice } = request;
  return {
    ...request,
    tools: request.tools.map((tool) => ({ ...tool, name: nameOf(tool.name) })),
    ...(toolChoice?.type === 'named' ? { toolChoice: { ...toolChoice, name: nameOf(toolChoice.name) } } : {}),
    turns: request.turns.map((turn) => ({
      ...turn,
      blocks: turn.blocks.map((block) => (block.type === 'tool-call' ? { ...block, name: nameOf(block.name) } : block)),
    })),
  };
}

/** The first sentence. */
export const reasonOf = ({ message }: InvalidRequestError): string => message.replace(/(?<=[^.\d])\. .*$/s, '.');

const plain = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));
