import { SIGNATURE_TAG } from '@proxycast/conversion';
import { InvalidRequestError } from '@proxycast/spec';
import { describe, expect, test } from 'vitest';
import { isObject, type JsonObject, parseJson } from '../json.ts';
import { loadRecordings, type Recording, requestOf } from '../recordings.ts';
import { CONFORMANCE_DIALECTS, type ConformanceDialect, dialectPairs } from './conformance-dialect.ts';
import { convertBody, convertStream, framesOf } from './convert-answer.ts';
import { decodeRecordedRequest, encodeFor, strictFindings } from './convert-request.ts';
import { keptCandidate } from './kept-candidate.ts';
import { nextRequest } from './next-turn.ts';
import { rawFactsOfStream } from './raw-answers/raw-stream.ts';
import { refusalsOf } from './request-refusals.ts';
import { type SignedPart, signaturesIn } from './signatures-in.ts';

/** Recorded conversations by who answered; one answer alone is a conversation of one turn. */
function conversationsOf(dialect: ConformanceDialect): readonly (readonly Recording[])[] {
  const usable = loadRecordings({ protocol: dialect.recorded, status: 200 }).filter(
    (recording) => bodyOf(dialect, recording) !== undefined,
  );
  const groups = Map.groupBy(usable, ({ sequence, file }) => sequence?.id ?? file);
  return [...groups.values()].map((turns) =>
    turns.toSorted((one, two) => (one.sequence?.step ?? 0) - (two.sequence?.step ?? 0)),
  );
}

const bodies = new Map<string, JsonObject | undefined>();

/** The answer as one body, as its own API would give it; `undefined` where it is none. */
function bodyOf(dialect: ConformanceDialect, recording: Recording): JsonObject | undefined {
  if (!bodies.has(recording.file)) bodies.set(recording.file, readBody(dialect, recording));
  return bodies.get(recording.file);
}

function readBody(dialect: ConformanceDialect, recording: Recording): JsonObject | undefined {
  if (recording.kind === 'stream') {
    const frames = framesOf(recording.bytes());
    return rawFactsOfStream(dialect, frames) === undefined ? undefined : dialect.raw.fold(frames);
  }
  const body = parseJson(recording.bytes().toString('utf8'));
  if (!isObject(body)) return undefined;
  try {
    dialect.codec.decodeAnswer(body, { origin: 'x', fallbackId: 'x', model: 'x' });
    return body;
  } catch {
    return undefined;
  }
}

/** The conversation as a client of `client` has it after the last recorded answer. */
function historyOf(
  from: ConformanceDialect,
  client: ConformanceDialect,
  turns: readonly Recording[],
): { readonly request: JsonObject; readonly signed: readonly SignedPart[] } {
  const signed: SignedPart[] = [];
  let request = firstRequest(from, client, turns[0]);
  for (const recording of turns) {
    const body = bodyOf(from, recording) ?? {};
    signed.push(...signaturesIn(from.id === 'gemini' ? keptCandidate(body, client) : body));
    const way = { from, to: client };
    const answer =
      recording.kind === 'stream'
        ? client.raw.fold(framesOf(convertStream(way, framesOf(recording.bytes())).text))
        : convertBody(way, body);
    request = nextRequest(client.id, request, answer);
  }
  return { request, signed };
}

/** The tools of the recorded request and a question, as a client of `client` would ask. */
function firstRequest(
  from: ConformanceDialect,
  client: ConformanceDialect,
  recording: Recording | undefined,
): JsonObject {
  const recorded = recording === undefined ? undefined : requestOf(recording);
  const decoded = recorded === undefined ? undefined : decodeRecordedRequest(from, recorded, 'model');
  const asked = client.codec.decodeRequest(QUESTIONS[client.id], { isStream: false, pathModel: 'model' });
  const tools = (decoded?.tools ?? []).filter((tool) => tool.type !== 'server');
  const encoded = encodeFor(client, { ...asked, tools });
  if (encoded instanceof InvalidRequestError) throw encoded;
  return encoded.body;
}

const QUESTIONS = {
  anthropic: { model: 'model', max_tokens: 4096, messages: [{ role: 'user', content: 'Begin.' }] },
  openai: { model: 'model', messages: [{ role: 'user', content: 'Begin.' }] },
  responses: { model: 'model', input: [{ role: 'user', content: 'Begin.' }] },
  gemini: { contents: [{ role: 'user', parts: [{ text: 'Begin.' }] }] },
};

describe.each(dialectPairs('all'))('a conversation that $id answered', (from, client) => {
  const conversations = conversationsOf(from);

  test(`comes home whole from a client that speaks ${client.id}`, () => {
    expect(conversations.length).toBeGreaterThan(20);
    const faults = conversations.flatMap((turns) => {
      const fault = (said: string) => `${turns[0]?.file}: ${said}`;
      try {
        const { request, signed } = historyOf(from, client, turns);
        const decoded = decodeRecordedRequest(client, request, 'model');
        const encoded = encodeFor(from, decoded);
        // Sound and pictures that were answered may have no place in a request.
        if (encoded instanceof InvalidRequestError && refusalsOf(decoded, from.id).length > 0) return [];
        if (encoded instanceof InvalidRequestError) return [fault(`refused: ${encoded.field}: ${encoded.message}`)];
        const memory = new Map(signed.map(({ signature, signed: part }) => [signature, part]));
        const sent = signaturesIn(encoded.body).map(({ signature }) => signature);
        const lost = signed.filter(({ signature }) => !sent.includes(signature));
        return [
          ...(from === client ? [] : strictFindings(from, encoded.body, memory)).map(fault),
          ...lost.map(({ signature, signed: part }) =>
            fault(`lost the signature ${signature.slice(0, 20)}… of ${JSON.stringify(part.slice(0, 40))}`),
          ),
        ];
      } catch (thrown) {
        return [fault(String(thrown))];
      }
    });
    expect(faults).toEqual([]);
  });

  test(`gives nothing signed away when the client that speaks ${client.id} goes elsewhere`, () => {
    const faults = conversations.flatMap((turns) => {
      const fault = (said: string) => `${turns[0]?.file}: ${said}`;
      try {
        const { request, signed } = historyOf(from, client, turns);
        const decoded = decodeRecordedRequest(client, request, 'model');
        return CONFORMANCE_DIALECTS.flatMap((other) => {
          // A client that never left its dialect has bare signatures, which say nothing of who made them.
          if (other === from && client === from) return [];
          const encoded = encodeFor(other, decoded, { origin: `${other.id}:elsewhere` });
          if (encoded instanceof InvalidRequestError && refusalsOf(decoded, other.id).length > 0) return [];
          if (encoded instanceof InvalidRequestError)
            return [fault(`refused in ${other.id}: ${encoded.field}: ${encoded.message}`)];
          const text = JSON.stringify(encoded.body);
          const given = signed.filter(
            ({ signature }) => signature.length > 8 && text.includes(JSON.stringify(signature).slice(1, -1)),
          );
          const found = other === client && other !== from ? [] : strictFindings(other, encoded.body);
          return [
            ...given.map(({ signature }) => fault(`${other.id} was given ${signature.slice(0, 20)}…`)),
            ...(text.includes(SIGNATURE_TAG) ? [fault(`${other.id} was given a tagged signature`)] : []),
            ...found.map((said) => fault(`${other.id}: ${said}`)),
          ];
        });
      } catch (thrown) {
        return [fault(String(thrown))];
      }
    });
    expect(faults).toEqual([]);
  });
});
