import { InvalidRequestError } from '@proxycast/spec';
import type { UpstreamMemory } from '../../fake-upstream/rule.ts';
import { isString } from '../../json.ts';
import { CONFORMANCE_DIALECTS, type ConformanceDialect } from '../conformance-dialect.ts';
import { convertBody, convertStream, framesOf } from '../convert-answer.ts';
import { decodeRecordedRequest, encodeFor, strictFindings } from '../convert-request.ts';
import { nextRequest } from '../next-turn.ts';
import { signaturesIn } from '../signatures-in.ts';
import type { Capability, CapabilityGroup } from './capability.ts';
import { fault, lossy, NONE, type Outcome, PASS, worstOf } from './outcome.ts';
import { TOOLS } from './request-capabilities.ts';
import { PLAIN, reasonOf } from './request-look.ts';
import { writeAnswer } from './written-answer.ts';

interface TurnTried {
  readonly bodies: readonly Readonly<Record<string, unknown>>[];
  readonly memory: UpstreamMemory;
  /** What the service signed. */
  readonly signed: readonly string[];
}

/** The service thinks and calls; the client has its answer, whole and streamed, and sends it back with a result. */
function tryTurn(client: ConformanceDialect, upstream: ConformanceDialect): TurnTried {
  const memory: UpstreamMemory = { signatures: new Map(), checksSignatures: true, responses: new Map() };
  const message = { thinking: 'First this, then that.', calls: [{ name: 'list', input: {} }] };
  const { body, frames } = writeAnswer(upstream, message, memory);
  const way = { from: upstream, to: client };
  const answers = [convertBody(way, body), client.raw.fold(framesOf(convertStream(way, frames).text))];
  return {
    bodies: answers.map((answer) => nextRequest(client.id, { ...PLAIN[client.id], ...TOOLS[client.id] }, answer)),
    memory,
    signed: signaturesIn(body).map(({ signature }) => signature),
  };
}

/** Back to the service that signed it: byte for byte, on the part it came with. */
function lookHome(client: ConformanceDialect, upstream: ConformanceDialect): Outcome {
  const { bodies, memory, signed } = tryTurn(client, upstream);
  if (signed.length === 0) return NONE;
  return worstOf(
    bodies.map((body) => {
      const encoded = encodeFor(
        upstream,
        decodeRecordedRequest(client, body, client.id === 'gemini' ? 'model' : undefined),
      );
      if (encoded instanceof InvalidRequestError) return { type: 'refused', why: reasonOf(encoded) };
      const findings = strictFindings(upstream, encoded.body, memory.signatures);
      if (findings.length > 0) return fault(`the service refuses it: ${findings.join('; ')}`);
      const sent = signaturesIn(encoded.body).map(({ signature }) => signature);
      return signed.every((signature) => sent.includes(signature)) ? PASS : lossy('gone');
    }),
  );
}

/** To each other service: no signature of this one, and a conversation that it takes. */
function lookAway(client: ConformanceDialect, upstream: ConformanceDialect): Outcome {
  const { bodies, signed } = tryTurn(client, upstream);
  return worstOf(
    CONFORMANCE_DIALECTS.flatMap((other) =>
      bodies.map((body) => {
        const request = decodeRecordedRequest(client, body, client.id === 'gemini' ? 'model' : undefined);
        const encoded = encodeFor(other, request, { origin: `${other.id}:elsewhere` });
        if (encoded instanceof InvalidRequestError) return { type: 'refused' as const, why: reasonOf(encoded) };
        const text = JSON.stringify(encoded.body);
        // What a client has bare of its own dialect says of no one who made it.
        const isBare = client === upstream && other === upstream;
        if (!isBare && signed.some((signature) => text.includes(signature)))
          return fault(`${other.id} is given a signature`);
        const findings = isBare ? [] : strictFindings(other, encoded.body);
        return findings.length > 0 ? fault(`${other.id} refuses it: ${findings.join('; ')}`) : PASS;
      }),
    ),
  );
}

/** Reasoning of which only the encrypted form is there. */
function lookSealed(client: ConformanceDialect, upstream: ConformanceDialect): Outcome {
  const sealed = 'c2VhbGVkIHJlYXNvbmluZw==';
  const says: Partial<Record<ConformanceDialect['id'], Readonly<Record<string, unknown>>>> = {
    anthropic: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [
        { type: 'redacted_thinking', data: sealed },
        { type: 'text', text: 'Done.' },
      ],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: 1, output_tokens: 1 },
    },
    responses: {
      id: 'resp_1',
      object: 'response',
      created_at: 1,
      status: 'completed',
      model: 'm',
      output: [
        { id: 'rs_1', type: 'reasoning', summary: [], encrypted_content: sealed },
        {
          id: 'msg_1',
          type: 'message',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: 'Done.', annotations: [] }],
        },
      ],
      usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 },
    },
  };
  const answer = says[upstream.id];
  if (answer === undefined) return NONE;
  const given = convertBody({ from: upstream, to: client }, answer);
  const body = nextRequest(client.id, PLAIN[client.id], given);
  const request = decodeRecordedRequest(client, body, client.id === 'gemini' ? 'model' : undefined);
  const encoded = encodeFor(upstream, request);
  if (encoded instanceof InvalidRequestError) return { type: 'refused', why: reasonOf(encoded) };
  const isHome = signaturesIn(encoded.body).some(({ signature }) => isString(signature) && signature === sealed);
  return isHome ? PASS : lossy('gone');
}

const ROWS: readonly Capability[] = [
  { title: 'signature and encrypted reasoning, back home', look: lookHome },
  { title: 'reasoning that is encrypted only, back home', look: lookSealed },
  { title: 'signatures kept from every other service', look: lookAway },
];

export const THINKING_GROUPS: readonly CapabilityGroup[] = [
  { title: 'Thinking, in the turns after', capabilities: ROWS },
];
