import { InvalidRequestError } from '@proxycast/spec';
import { describe, expect, test } from 'vitest';
import { loadRecordings, type Recording, requestOf } from '../recordings.ts';
import { compareRequests } from './compare-requests.ts';
import { dialectPairs } from './conformance-dialect.ts';
import { decodeRecordedRequest, encodeFor, resolveMedia, strictFindings } from './convert-request.ts';
import { refusalsOf } from './request-refusals.ts';

describe.each(dialectPairs('all'))('a recorded request of $id', (from, to) => {
  const recordings = onePerRequest(loadRecordings({ protocol: from.recorded, hasRequest: true }));

  test(`is taken by ${to.id} and asks the same`, () => {
    expect(recordings.length).toBeGreaterThan(80);
    const faults = recordings.flatMap((recording) => {
      const fault = (said: string) => `${recording.file}: ${said}`;
      const body = requestOf(recording);
      try {
        const asked = resolveMedia(decodeRecordedRequest(from, body, recording.model), to);
        const refusals = refusalsOf(asked, to.id);
        const encoded = encodeFor(to, asked, from === to ? { model: asked.model } : {});
        if (encoded instanceof InvalidRequestError) {
          if (refusals.length === 0) return [fault(`refused: ${encoded.field}: ${encoded.message}`)];
          return encoded.field === undefined ? [fault(`refused without a field: ${encoded.message}`)] : [];
        }
        if (refusals.some(({ isCertain }) => isCertain)) {
          return [fault(`taken, although ${refusals.map(({ why }) => why).join()} cannot be honoured`)];
        }
        const found = from === to || recording.status >= 400 ? [] : strictFindings(to, encoded.body);
        const arrived = decodeRecordedRequest(to, encoded.body, undefined);
        const way = {
          from: from.id,
          to: to.id,
          changes: encoded.changes,
          ...(encoded.bridge === undefined ? {} : { bridge: encoded.bridge }),
        };
        // What the real service refused is mended rather than carried.
        const differences = recording.status >= 400 ? [] : compareRequests(asked, arrived, way);
        return [...found, ...differences].map(fault);
      } catch (thrown) {
        // What the real service refused may be refused here too, in its own words.
        if (recording.status >= 400 && thrown instanceof InvalidRequestError) return [];
        return [fault(String(thrown))];
      }
    });
    expect(faults).toEqual([]);
  });
});

function onePerRequest(recordings: readonly Recording[]): readonly Recording[] {
  const byText = new Map(recordings.map((recording) => [recording.requestText(), recording]));
  return [...byText.values()];
}
