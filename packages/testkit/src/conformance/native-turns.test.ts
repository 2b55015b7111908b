import { SIGNATURE_TAG } from '@proxycast/conversion';
import { InvalidRequestError } from '@proxycast/spec';
import { describe, expect, test } from 'vitest';
import { isObject, type JsonObject, parseJson } from '../json.ts';
import { loadRecordings, type Recording } from '../recordings.ts';
import { CONFORMANCE_DIALECTS, type ConformanceDialect, dialectPairs } from './conformance-dialect.ts';
import { convertBody, convertStream, framesOf } from './convert-answer.ts';
import { decodeRecordedRequest, encodeFor, strictFindings } from './convert-request.ts';
import { nextRequest } from './next-turn.ts';
import { serverToolsIn } from './page/server-tools-in.ts';
import { rawFactsOfStream } from './raw-answers/raw-stream.ts';

const QUESTIONS: Readonly<Record<ConformanceDialect['id'], JsonObject>> = {
  anthropic: { model: 'model', max_tokens: 4096, messages: [{ role: 'user', content: 'Begin.' }] },
  openai: { model: 'model', messages: [{ role: 'user', content: 'Begin.' }] },
  responses: { model: 'model', store: false, input: [{ role: 'user', content: 'Begin.' }] },
  gemini: { contents: [{ role: 'user', parts: [{ text: 'Begin.' }] }] },
};

/** The answers in which a tool of the service ran, as one body. */
function toolAnswersOf(from: ConformanceDialect): readonly (readonly [Recording, JsonObject])[] {
  return loadRecordings({ protocol: from.recorded, status: 200 }).flatMap((recording) => {
    const body = bodyOf(from, recording);
    return body !== undefined && serverToolsIn(from.id, body).length > 0 ? [[recording, body] as const] : [];
  });
}

function bodyOf(from: ConformanceDialect, recording: Recording): JsonObject | undefined {
  if (recording.kind === 'stream') {
    const frames = framesOf(recording.bytes());
    return rawFactsOfStream(from, frames) === undefined ? undefined : from.raw.fold(frames);
  }
  const body = parseJson(recording.bytes().toString('utf8'));
  return isObject(body) ? body : undefined;
}

/** Signatures are looked at in conversations.test.ts; the fields vendors add to messages are theirs to take: protocols.md 6. */
const isForgiven = (finding: string): boolean =>
  /signature|encrypted content could not/i.test(finding) ||
  /^cc\.unknown-field: .*\.(images|reasoning_content|reasoning_details)'/.test(finding);

describe.each(dialectPairs('all').filter(([from]) => from.id !== 'openai'))(
  'an answer of $id in which a tool of the service ran',
  (from, client) => {
    const answers = toolAnswersOf(from);

    test(`is given to a client of ${client.id}, and what it sends next is taken by every service`, () => {
      expect(answers.length).toBeGreaterThan(5);
      const faults = answers.flatMap(([recording, body]) => {
        const way = { from, to: client };
        const answer =
          recording.kind === 'stream'
            ? client.raw.fold(framesOf(convertStream(way, framesOf(recording.bytes())).text))
            : convertBody(way, body);
        const next = nextRequest(client.id, QUESTIONS[client.id], answer);
        const request = decodeRecordedRequest(client, next, 'model');
        return CONFORMANCE_DIALECTS.flatMap((service) => {
          // Bytes pass between equals, but for those of which something came through a conversion.
          const isPassed = service === client && !JSON.stringify(next).includes(SIGNATURE_TAG);
          // What went past us is between the client and its service.
          if (isPassed && service === from) return [];
          const isHome = service === from;
          const encoded = isPassed
            ? { body: next }
            : encodeFor(service, request, isHome ? {} : { origin: `${service.id}:elsewhere` });
          const said =
            encoded instanceof InvalidRequestError ? [encoded.message] : strictFindings(service, encoded.body);
          return said
            .filter((found) => !isForgiven(found))
            .map((found) => `${recording.file}, ${service.id}: ${found}`);
        });
      });
      expect(faults).toEqual([]);
    });
  },
);
