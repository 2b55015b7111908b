import { createBlockSerialiser, createStopReasonSettler } from '@proxycast/conversion';
import { type Frame, InvalidRequestError } from '@proxycast/spec';
import { describe, expect, test } from 'vitest';
import { loadRecordings } from '../recordings.ts';
import { compareAnswers } from './compare-answers.ts';
import { compareRequests } from './compare-requests.ts';
import { CONFORMANCE_DIALECTS, dialectPairs } from './conformance-dialect.ts';
import { convertStream, createStreamConversion, encodingOf, framesOf } from './convert-answer.ts';
import { decodeRecordedRequest, encodeFor, strictFindings } from './convert-request.ts';
import { randomAnswer } from './random-answer.ts';
import { randomRequest } from './random-request.ts';
import { createSeededRandom, type SeededRandom } from './seeded-random.ts';
import { endingOf, openBlocksOf } from './stream-ending.ts';

const ANSWERS = 150;
const REQUESTS = 150;

describe.each(CONFORMANCE_DIALECTS)('random answers in $id', (to) => {
  test('say all that was said, in its order', () => {
    const faults = Array.from({ length: ANSWERS }, (_, seed) => seed).flatMap((seed) => {
      const { events, facts } = randomAnswer(createSeededRandom(seed), true);
      try {
        const encoder = to.codec.createStreamEncoder({ ...encodingOf({ from: to, to }), framing: 'sse' });
        const settled = createStopReasonSettler()(events);
        const text =
          encoder.push(to.codec.interleavesBlocks ? settled : createBlockSerialiser()(settled)) + encoder.end();
        return compareAnswers(facts, to.raw.read(to.raw.fold(framesOf(text))), to.id).map(
          (fault) => `seed ${seed}: ${fault}`,
        );
      } catch (fault) {
        return [`seed ${seed}: ${String(fault)}`];
      }
    });
    expect(faults).toEqual([]);
  });

  test('say the same when another dialect has carried them', () => {
    const faults = CONFORMANCE_DIALECTS.flatMap((from) =>
      Array.from({ length: ANSWERS / 3 }, (_, seed) => seed).flatMap((seed) => {
        const { events, facts } = randomAnswer(createSeededRandom(seed), false);
        try {
          const encoder = from.codec.createStreamEncoder({ ...encodingOf({ from, to: from }), framing: 'sse' });
          const upstream = encoder.push(createStopReasonSettler()(events)) + encoder.end();
          const { text } = convertStream({ from, to }, framesOf(upstream));
          const said = from.raw.read(from.raw.fold(framesOf(upstream)));
          const arrived = to.raw.read(to.raw.fold(framesOf(text)));
          return [...compareAnswers(facts, said, from.id), ...compareAnswers(said, arrived, to.id)].map(
            (fault) => `${from.id}, seed ${seed}: ${fault}`,
          );
        } catch (fault) {
          return [`${from.id}, seed ${seed}: ${String(fault)}`];
        }
      }),
    );
    expect(faults).toEqual([]);
  });

  test('random conversations are taken by the strict service and ask the same', () => {
    const faults = Array.from({ length: REQUESTS }, (_, seed) => seed).flatMap((seed) => {
      const asked = randomRequest(createSeededRandom(seed));
      try {
        const encoded = encodeFor(to, asked);
        if (encoded instanceof InvalidRequestError) {
          return [`seed ${seed}: refused: ${encoded.field}: ${encoded.message}`];
        }
        const arrived = decodeRecordedRequest(to, encoded.body, undefined);
        const way = {
          from: to.id,
          to: to.id,
          changes: encoded.changes,
          ...(encoded.bridge === undefined ? {} : { bridge: encoded.bridge }),
        };
        const found = strictFindings(to, encoded.body);
        return [
          ...found,
          ...compareRequests(asked, arrived, { ...way, from: to.id === 'openai' ? 'responses' : 'openai' }),
        ].map((fault) => `seed ${seed}: ${fault}`);
      } catch (fault) {
        return [`seed ${seed}: ${fault instanceof Error ? fault.stack?.slice(0, 300) : String(fault)}`];
      }
    });
    expect(faults).toEqual([]);
  });
});

describe.each(dialectPairs('all'))('damaged streams of $id', (from, to) => {
  test(`never crash, and end as streams of ${to.id} end`, () => {
    const random = createSeededRandom(20_260_303);
    const streams = loadRecordings({ protocol: from.recorded, kind: 'stream', status: 200 }).filter(
      ({ byteLength }) => byteLength < 20_000,
    );
    const faults = streams.flatMap((recording) => {
      const damaged = damage(framesOf(recording.bytes()), random);
      try {
        const conversion = createStreamConversion({ from, to });
        const text = conversion.push(damaged) + conversion.end();
        const open = openBlocksOf(to.id, text);
        return [
          ...(endingOf(to.id, text) === 'open'
            ? [`${recording.file}: no ending: ${JSON.stringify(text.slice(-100))}`]
            : []),
          ...(open === 0 ? [] : [`${recording.file}: ${open} blocks are open`]),
        ];
      } catch (fault) {
        return [`${recording.file}: ${fault instanceof Error ? fault.stack?.slice(0, 300) : String(fault)}`];
      }
    });
    expect(faults).toEqual([]);
  });
});

/** Frames lost, doubled, swapped, cut in the middle, of another shape. */
function damage(frames: readonly Frame[], random: SeededRandom): readonly Frame[] {
  const damaged = [...frames];
  for (let times = 1 + random.int(3); times > 0 && damaged.length > 0; times--) {
    const place = random.int(damaged.length);
    const frame = damaged[place];
    if (frame === undefined) continue;
    switch (random.int(6)) {
      case 0:
        damaged.splice(place, 1);
        break;
      case 1:
        damaged.splice(place, 0, frame);
        break;
      case 2:
        damaged.splice(place, 1);
        damaged.splice(random.int(damaged.length + 1), 0, frame);
        break;
      case 3:
        damaged[place] = { ...frame, data: frame.data.slice(0, random.int(frame.data.length)) };
        break;
      case 4:
        damaged[place] = {
          ...frame,
          data: frame.data.replace(/:\s*("[^"]{0,40}"|\d+|\[|\{)/, (_match, value: string) =>
            value === '[' ? ':{' : value === '{' ? ':[' : `:${random.pick(['null', '[]', '{}', '-1', '"x"'])}`,
          ),
        };
        break;
      default:
        damaged.splice(place, 0, {
          data: random.pick(['null', '[]', '"text"', '7', '{}', '{"type":"unheard.of"}', '']),
        });
    }
  }
  return damaged;
}
