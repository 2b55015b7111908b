import { SIGNATURE_TAG } from '@proxycast/conversion';
import { InvalidRequestError, type ToolBridge } from '@proxycast/spec';
import type { FakeDialectId, RecordedRequest } from '../../fake-upstream/recorded-request.ts';
import type { RuleContext, UpstreamMemory } from '../../fake-upstream/rule.ts';
import { isObject, isString, type JsonObject, parseJson } from '../../json.ts';
import type { AnswerFacts } from '../answer-facts.ts';
import { compareAnswers } from '../compare-answers.ts';
import { compareRequests } from '../compare-requests.ts';
import { CONFORMANCE_DIALECTS, type ConformanceDialect } from '../conformance-dialect.ts';
import { convertBody, convertStream, framesOf, NOW_MS } from '../convert-answer.ts';
import { decodeRecordedRequest, encodeFor, resolveMedia } from '../convert-request.ts';
import { createSeededRandom } from '../seeded-random.ts';
import { signaturesIn } from '../signatures-in.ts';
import { anthropicClient } from './anthropic-client.ts';
import { chatClient } from './chat-client.ts';
import type { FuzzClient } from './fuzz-client.ts';
import { fuzzAsk, fuzzStep } from './fuzz-plan.ts';
import { fuzzReply } from './fuzz-reply.ts';
import { geminiClient } from './gemini-client.ts';
import { responsesClient } from './responses-client.ts';

const CLIENTS: Readonly<Record<FakeDialectId, FuzzClient>> = {
  anthropic: anthropicClient,
  openai: chatClient,
  responses: responsesClient,
  gemini: geminiClient,
};
const MOST_TURNS = 5;

/**
 * One conversation nobody had: a client of one dialect, a strict service of another, which now and then is changed for a
 * third. Each request is checked as the service would check it and held against what was asked; each answer is read, streamed
 * and whole, and held against what was said; the next request is built from what the client saw. What went wrong, in words;
 * nothing when nothing did.
 */
export function runConversation(
  client: ConformanceDialect,
  upstream: ConformanceDialect,
  seed: number,
): readonly string[] {
  const random = createSeededRandom(seed);
  const speaker = CLIENTS[client.id];
  const memories = new Map<FakeDialectId, UpstreamMemory>();
  /** Every signature each service gave, and the client was given. */
  const issued = new Map<FakeDialectId, string[]>();
  const faults: string[] = [];
  const plan = fuzzAsk(random, speaker.names);
  let body = jsonOf(speaker.ask(plan));
  const turns = 2 + random.int(MOST_TURNS - 1);
  for (let turn = 0; turn < turns; turn++) {
    const service = random.oneIn(6) ? random.pick(ALL) : upstream;
    const memory = memoryOf(memories, service.id);
    const say = (...said: readonly string[]) =>
      faults.push(...said.map((fault) => `turn ${turn}, ${service.id}: ${fault}`));

    const own = checkOwn(client, body);
    if (own.length > 0) say(...own.map((fault) => `the client's own request: ${fault}`));
    const asked = resolveMedia(
      decodeRecordedRequest(client, body, client.id === 'gemini' ? 'model' : undefined),
      service,
    );
    const request = { ...asked, stream: plan.isStream };
    const encoded = isPassed(client, service, body) ? { body, changes: [] } : encodeFor(service, request);
    if (encoded instanceof InvalidRequestError) {
      say(`refused: ${encoded.field}: ${encoded.message}`);
      break;
    }
    const context = contextOf(service, memory, turn);
    say(
      ...service.strict
        .checkBody(encoded.body, 'chat', context)
        .filter(({ rule, message }) => !(isPassed(client, service, body) && isForgiven(rule, message)))
        .map(({ rule, message }) => `${rule}: ${message}`),
    );
    const arrived = decodeRecordedRequest(service, encoded.body, service.id === 'gemini' ? 'model' : undefined);
    const { bridge, changes } = encoded;
    const way = { from: client.id, to: service.id, changes, ...(bridge === undefined ? {} : { bridge }) };
    say(...compareRequests(request, arrived, way));
    const sent = new Set(signaturesIn(encoded.body).map(({ signature }) => signature));
    const lost = (issued.get(service.id) ?? []).filter((signature) => !sent.has(signature));
    say(...lost.map((signature) => `lost a signature of its own: ${signature.slice(0, 60)}`));

    const message = fuzzReply(random, service.id, encoded.body, {
      isSerial: plan.isSerial === true,
      ...(bridge === undefined ? {} : { bridge }),
    });
    const answering = { from: service, to: client, request, ...(bridge === undefined ? {} : { bridge }) };
    const recorded = recordedOf(context, encoded.body);
    const write = (isStream: boolean) =>
      service.strict
        .writeMessage(message, { request: { ...recorded, isStream }, nowMs: NOW_MS, models: [], rules: context })
        .frames.join('');
    const whole = jsonOf(parseJson(write(false)));
    const said = underClientNames(service.raw.read(whole), bridge);
    const answers = [jsonOf(convertBody(answering, whole))];
    say(...compareAnswers(said, client.raw.read(answers[0] ?? {}), client.id).map((fault) => `whole: ${fault}`));
    if (request.stream) {
      const frames = framesOf(write(true));
      const saidInStream = underClientNames(service.raw.read(service.raw.fold(frames)), bridge);
      const answer = client.raw.fold(framesOf(convertStream(answering, frames).text));
      say(...compareAnswers(saidInStream, client.raw.read(answer), client.id).map((fault) => `stream: ${fault}`));
      answers.unshift(answer);
    }
    const [answer = {}] = answers;
    const given = request.stream ? service.raw.fold(framesOf(write(true))) : whole;
    issued.set(service.id, [
      ...(issued.get(service.id) ?? []),
      ...signaturesIn(given)
        .filter(({ signed }) => !isHomeless(client, service, signed))
        .map(({ signature }) => signature),
    ]);
    if (faults.length > 0) break;
    body = jsonOf(speaker.goOn(body, answer, fuzzStep(random)));
  }
  return faults.map((fault) => `${client.id} before ${upstream.id}, seed ${seed}, ${fault}`);
}

const [FIRST, ...REST] = CONFORMANCE_DIALECTS;
if (FIRST === undefined) throw new RangeError('There are dialects.');
const ALL: readonly [ConformanceDialect, ...ConformanceDialect[]] = [FIRST, ...REST];

/** As it would travel. */
function jsonOf(value: unknown): JsonObject {
  const sent: unknown = JSON.parse(JSON.stringify(value));
  if (!isObject(sent)) throw new TypeError('A body is an object.');
  return sent;
}

function memoryOf(memories: Map<FakeDialectId, UpstreamMemory>, id: FakeDialectId): UpstreamMemory {
  const known = memories.get(id) ?? { signatures: new Map(), checksSignatures: true, responses: new Map() };
  memories.set(id, known);
  return known;
}

function contextOf({ id }: ConformanceDialect, memory: UpstreamMemory, index: number): RuleContext {
  return {
    memory,
    head: {
      index,
      method: 'POST',
      path: id === 'gemini' ? '/v1beta/models/gemini-3-recorded:streamGenerateContent' : '/',
      query: new URLSearchParams('alt=sse'),
      headers: {},
      rawHeaders: [],
      arrivedAtMs: 0,
    },
  };
}

const recordedOf = ({ head }: RuleContext, json: JsonObject): RecordedRequest => ({
  ...head,
  json,
  body: Buffer.alloc(0),
  parts: [],
  model: 'fake-model',
  isStream: false,
  answerBytes: 0,
  ended: Promise.resolve({ type: 'answered' }),
});

/** To clients of Anthropic nothing stands behind the last text, so a signature that Gemini puts there is gone: conversion.md, signatures. */
const isHomeless = (client: ConformanceDialect, service: ConformanceDialect, signed: string): boolean =>
  client.id === 'anthropic' && service.id === 'gemini' && signed === '';

/** The gateway passes the bytes of a client to a service of its own dialect, unless something in them came through a conversion. */
const isPassed = (client: ConformanceDialect, service: ConformanceDialect, body: JsonObject): boolean =>
  client === service && !JSON.stringify(body).includes(SIGNATURE_TAG);

/** What the client's own service would refuse, but for signatures, which are another's. */
function checkOwn(client: ConformanceDialect, body: JsonObject): readonly string[] {
  const memory = { signatures: new Map(), checksSignatures: false, responses: new Map() };
  return client.strict
    .checkBody(body, 'chat', contextOf(client, memory, 0))
    .filter(({ rule, message }) => !isForgiven(rule, message))
    .map(({ rule, message }) => `${rule}: ${message}`);
}

/**
 * What is not the client's fault and not refused by every service: an answer without thinking where thinking is on (adaptive
 * models take it: protocols.md 9.3), the fields that vendors add to messages of Chat Completions (protocols.md 6), and a
 * reasoning item at the end of an answer, which the gateway settles.
 */
const isForgiven = (rule: string, message: string): boolean =>
  rule === 'an.thinking-first' ||
  rule === 'rs.reasoning-follower' ||
  (rule === 'cc.unknown-field' &&
    /messages\[\d+\](\.tool_calls\[\d+\])?\.(reasoning_content|reasoning_details|extra_content)/.test(message));

/** The calls as the client knows its tools. */
function underClientNames(said: AnswerFacts, bridge: ToolBridge | undefined): AnswerFacts {
  if (bridge === undefined) return said;
  return {
    ...said,
    choices: said.choices.map((choice) => ({
      ...choice,
      calls: choice.calls.map((call) => {
        const tool = bridge.tools.get(call.name);
        if (tool === undefined) return call;
        const isText = tool.kind === 'custom' && isObject(call.input) && isString(call.input.input);
        return {
          ...call,
          name: tool.name,
          kind: tool.kind,
          input: isText && isObject(call.input) ? call.input.input : call.input,
        };
      }),
    })),
  };
}
