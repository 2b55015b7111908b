import { createStopReasonSettler, foldAnswer, unfoldAnswer } from '@proxycast/conversion';
import { describe, expect, test } from 'vitest';
import { isObject, parseJson } from '../json.ts';
import { loadRecordings } from '../recordings.ts';
import { compareAnswers } from './compare-answers.ts';
import { CONFORMANCE_DIALECTS, dialectPairs } from './conformance-dialect.ts';
import { convertStream, decodingOf, encodingOf, framesOf } from './convert-answer.ts';
import { factsOfResponse } from './facts-of-response.ts';
import { rawFactsOfStream } from './raw-answers/raw-stream.ts';
import { recordedStreams } from './recorded-streams.ts';

describe.each(CONFORMANCE_DIALECTS)('$id', (dialect) => {
  const streams = recordedStreams(dialect);
  const way = { from: dialect, to: dialect };
  const decoding = decodingOf(way);

  test('the events of a stream fold to what the whole body decodes to', () => {
    const faults = streams.flatMap((recording) => {
      const frames = recording.frames();
      if (rawFactsOfStream(dialect, frames) === undefined) return [];
      const decoder = dialect.codec.createStreamDecoder(decoding);
      const events = createStopReasonSettler()([...decoder.push(frames), ...decoder.end()]);
      const folded = factsOfResponse(foldAnswer(events, { id: decoding.fallbackId, model: decoding.model }));
      const body = factsOfResponse(dialect.codec.decodeAnswer(dialect.raw.fold(frames), decoding));
      return compareAnswers(body, folded, dialect.id).map((fault) => `${recording.file}: ${fault}`);
    });
    expect(faults).toEqual([]);
  });

  test('frames one at a time and all at once are the same events', () => {
    const faults = streams.flatMap((recording) => {
      const frames = recording.frames();
      if (rawFactsOfStream(dialect, frames) === undefined) return [];
      const [one, all] = [dialect.codec.createStreamDecoder(decoding), dialect.codec.createStreamDecoder(decoding)];
      const single = frames.flatMap((frame) => one.push([frame]));
      const folded = (events: readonly Parameters<typeof foldAnswer>[0][number][]) =>
        JSON.stringify(foldAnswer(events, { id: 'x', model: 'y' }));
      const isSame = folded([...single, ...one.end()]) === folded([...all.push(frames), ...all.end()]);
      return isSame ? [] : [recording.file];
    });
    expect(faults).toEqual([]);
  });

  test('bytes that pass are counted as bytes that are converted', () => {
    const faults = streams.flatMap((recording) => {
      const frames = recording.frames();
      const said = rawFactsOfStream(dialect, frames);
      if (said?.usage === undefined) return [];
      const text = recording.bytes().toString('utf8');
      const framing = text.startsWith('[') ? 'json-array' : 'sse';
      const passed = dialect.protocol.readUsage({ framing, head: text, tail: text, isWhole: true });
      const nothing = { ...said, ...(passed === undefined ? { usage: {} } : { usage: passed }) };
      return compareAnswers(said, nothing, dialect.id).map((fault) => `${recording.file}: ${fault}`);
    });
    expect(faults).toEqual([]);
  });

  test('a whole answer as a stream is the same answer', () => {
    const answers = loadRecordings({ protocol: dialect.recorded, kind: 'body', status: 200 });
    const faults = answers.flatMap((recording) => {
      const body = parseJson(recording.bytes().toString('utf8'));
      if (!isObject(body)) return [];
      let response: ReturnType<typeof dialect.codec.decodeAnswer>;
      try {
        response = dialect.codec.decodeAnswer(body, decoding);
      } catch {
        // An error inside a 200, or another object of the API: answers.test.ts looks at these.
        return [];
      }
      const again = foldAnswer(unfoldAnswer(response), { id: 'x', model: 'y' });
      return compareAnswers(factsOfResponse(response), factsOfResponse(again), dialect.id).map(
        (fault) => `${recording.file}: ${fault}`,
      );
    });
    expect(faults).toEqual([]);
  });
});

describe.each(dialectPairs('all'))('a stream of $id', (from, to) => {
  test(`gives one who wants a whole answer in ${to.id} what its reader puts together`, () => {
    const streams = recordedStreams(from);
    const faults = streams.flatMap((recording) => {
      const way = { from, to };
      const frames = recording.frames();
      if (rawFactsOfStream(from, frames) === undefined) return [];
      try {
        const { text, events } = convertStream(way, frames);
        const streamed = to.raw.read(to.raw.fold(framesOf(text)));
        const folded = to.codec.encodeAnswer(foldAnswer(events, { id: 'x', model: 'y' }), encodingOf(way));
        return compareAnswers(streamed, to.raw.read(folded), to.id).map((fault) => `${recording.file}: ${fault}`);
      } catch (fault) {
        return [`${recording.file}: ${String(fault)}`];
      }
    });
    expect(faults).toEqual([]);
  });
});
