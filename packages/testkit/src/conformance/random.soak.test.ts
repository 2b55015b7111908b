import { createBlockSerialiser, createStopReasonSettler } from '@proxycast/conversion';
import { InvalidRequestError } from '@proxycast/spec';
import { describe, expect, test } from 'vitest';
import { compareAnswers } from './compare-answers.ts';
import { compareRequests } from './compare-requests.ts';
import { CONFORMANCE_DIALECTS } from './conformance-dialect.ts';
import { encodingOf, framesOf } from './convert-answer.ts';
import { decodeRecordedRequest, encodeFor, strictFindings } from './convert-request.ts';
import { randomAnswer } from './random-answer.ts';
import { randomRequest } from './random-request.ts';
import { createSeededRandom } from './seeded-random.ts';

const SEEDS = Array.from({ length: 20_000 }, (_, index) => 1_000_000 + index);

/** The properties of random.test.ts, over seeds that were never looked at. */
describe.each(CONFORMANCE_DIALECTS)('random, many times, in $id', (to) => {
  test('answers say all that was said, in its order', () => {
    const faults = SEEDS.flatMap((seed) => {
      const { events, facts } = randomAnswer(createSeededRandom(seed), true);
      try {
        const encoder = to.codec.createStreamEncoder({ ...encodingOf({ from: to, to }), framing: 'sse' });
        const settled = createStopReasonSettler()(events);
        const shown = to.codec.interleavesBlocks ? settled : createBlockSerialiser()(settled);
        const text = encoder.push(shown) + encoder.end();
        const arrived = to.raw.read(to.raw.fold(framesOf(text)));
        return compareAnswers(facts, arrived, to.id).map((fault) => `seed ${seed}: ${fault}`);
      } catch (fault) {
        return [`seed ${seed}: ${String(fault)}`];
      }
    });
    expect(faults).toEqual([]);
  });

  test('conversations are taken by the strict service and ask the same', () => {
    const faults = SEEDS.flatMap((seed) => {
      const asked = randomRequest(createSeededRandom(seed));
      try {
        const encoded = encodeFor(to, asked);
        if (encoded instanceof InvalidRequestError)
          return [`seed ${seed}: refused: ${encoded.field}: ${encoded.message}`];
        const arrived = decodeRecordedRequest(to, encoded.body, undefined);
        const { changes, bridge } = encoded;
        const from = to.id === 'openai' ? 'responses' : 'openai';
        const way = { from, to: to.id, changes, ...(bridge === undefined ? {} : { bridge }) } as const;
        const found = [...strictFindings(to, encoded.body), ...compareRequests(asked, arrived, way)];
        return found.map((fault) => `seed ${seed}: ${fault}`);
      } catch (fault) {
        return [`seed ${seed}: ${String(fault)}`];
      }
    });
    expect(faults).toEqual([]);
  });
});
