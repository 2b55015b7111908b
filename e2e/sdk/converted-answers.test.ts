import { loadRecordings } from '@proxycast/testkit';
import {
  compareAnswers,
  convertBody,
  convertStream,
  dialectPairs,
  rawFactsOfStream,
  recordedStreams,
} from '@proxycast/testkit/conformance';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readObject } from '../support/read-object.ts';
import { createReplayServer, type ReplayServer } from '../support/replay-server.ts';
import { createSdkReaders } from '../support/sdk-readers.ts';

let replay: ReplayServer;
beforeAll(async () => {
  replay = await createReplayServer();
});
afterAll(() => replay.close());

describe.each(dialectPairs('all'))('$id in the dialect of another SDK', (from, to) => {
  test(`each recorded stream is read by the SDK of ${to.id}, and says the same`, async () => {
    const reader = createSdkReaders(replay.baseUrl, 'key', 'model')[to.id];
    const faults: string[] = [];
    const streams = recordedStreams(from);
    expect(streams.length).toBeGreaterThan(30);
    for (const recording of streams) {
      const frames = recording.frames();
      const said = rawFactsOfStream(from, frames);
      /** The SDK refuses the recorded bytes themselves, where nothing was converted. */
      const isTooNewForSdk = async (): Promise<boolean> => {
        replay.say(recording.bytes().toString('utf8'), 'text/event-stream; charset=utf-8');
        return (
          from === to &&
          (await reader.readStream().then(
            () => false,
            () => true,
          ))
        );
      };
      replay.say(convertStream({ from, to }, frames).text, 'text/event-stream; charset=utf-8');
      try {
        const arrived = await reader.readStream();
        if (said === undefined) faults.push(`${recording.file}: the SDK was not told of the failure`);
        else faults.push(...compareAnswers(said, arrived, to.id).map((fault) => `${recording.file}: ${fault}`));
      } catch (fault) {
        if (said !== undefined && !(await isTooNewForSdk())) faults.push(`${recording.file}: ${String(fault)}`);
      }
    }
    expect(faults).toEqual([]);
  });

  test(`recorded whole answers are read by the SDK of ${to.id}, and say the same`, async () => {
    const reader = createSdkReaders(replay.baseUrl, 'key', 'model')[to.id];
    const faults: string[] = [];
    for (const recording of loadRecordings({ protocol: from.recorded, kind: 'body', status: 200 })) {
      const body: unknown = JSON.parse(recording.bytes().toString('utf8'));
      // A growing array is a stream; a compaction is no answer.
      if (Array.isArray(body) || readObject(body).object === 'response.compaction') continue;
      let converted: unknown;
      try {
        converted = convertBody({ from, to }, body);
      } catch {
        // An error inside a 200: looked at in the suites of packages/testkit.
        continue;
      }
      replay.say(JSON.stringify(converted), 'application/json');
      try {
        const said = from.raw.read(readObject(body));
        faults.push(
          ...compareAnswers(said, await reader.readWhole(), to.id).map((fault) => `${recording.file}: ${fault}`),
        );
      } catch (fault) {
        faults.push(`${recording.file}: ${String(fault)}`);
      }
    }
    expect(faults).toEqual([]);
  });
});
