import { foldAnswer } from '@proxycast/conversion';
import { describe, expect, test } from 'vitest';
import { compareAnswers } from './compare-answers.ts';
import { dialectPairs } from './conformance-dialect.ts';
import { convertStream, decodingOf, framesOf } from './convert-answer.ts';
import { factsOfResponse } from './facts-of-response.ts';
import { doneFaultsOf } from './raw-answers/raw-responses.ts';
import { isFailedStream, rawFactsOfStream } from './raw-answers/raw-stream.ts';
import { recordedStreams } from './recorded-streams.ts';

/**
 * Every recorded stream in every dialect: what it says is read from its raw frames, in the way of an SDK, before the
 * conversion and after it.
 */
describe.each(dialectPairs('all'))('a recorded stream of $id', (from, to) => {
  const streams = recordedStreams(from);

  test(`says the same in ${to.id}`, () => {
    expect(streams.length).toBeGreaterThan(30);
    const faults = streams.flatMap((recording) => {
      const frames = recording.frames();
      const said = rawFactsOfStream(from, frames);
      try {
        const { text } = convertStream({ from, to }, frames);
        if (said === undefined) {
          return isFailedStream(to, framesOf(text)) ? [] : [`${recording.file}: the error became a clean end`];
        }
        const arrived = to.raw.read(to.raw.fold(framesOf(text)));
        const faults = [
          ...compareAnswers(said, arrived, to.id),
          ...(to.id === 'responses' ? doneFaultsOf(framesOf(text)) : []),
        ];
        return faults.map((fault) => `${recording.file}: ${fault}`);
      } catch (fault) {
        return [`${recording.file}: ${String(fault)}`];
      }
    });
    expect(faults).toEqual([]);
  });

  test(`is read again by the decoder of ${to.id}`, () => {
    const faults = streams.flatMap((recording) => {
      const frames = recording.frames();
      const said = rawFactsOfStream(from, frames);
      if (said === undefined) return [];
      try {
        const { text } = convertStream({ from, to }, frames);
        const back = decodingOf({ from: to, to: from });
        const decoder = to.codec.createStreamDecoder(back);
        const events = [...decoder.push(framesOf(text)), ...decoder.end()];
        const failure = events.find((event) => event.type === 'error');
        if (failure !== undefined) return [`${recording.file}: ${failure.error.code} ${failure.error.message}`];
        const arrived = factsOfResponse(foldAnswer(events, { id: back.fallbackId, model: back.model }));
        return compareAnswers(said, arrived, to.id).map((fault) => `${recording.file}: ${fault}`);
      } catch (fault) {
        return [`${recording.file}: ${String(fault)}`];
      }
    });
    expect(faults).toEqual([]);
  });
});
