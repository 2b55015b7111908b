import { expect, test } from 'vitest';
import { loadRecordings, recordingOf, requestOf } from './recordings.ts';

test('every recording of the manifest is there, with the length the manifest says', () => {
  const recordings = loadRecordings();
  expect(recordings).toHaveLength(940);
  const wrong = recordings.filter((recording) => recording.bytes().byteLength !== recording.byteLength);
  expect(wrong.map((recording) => recording.file)).toEqual([]);
});

test('every recorded request is a JSON object', () => {
  const withRequest = loadRecordings({ hasRequest: true });
  expect(withRequest.length).toBeGreaterThan(700);
  const broken = withRequest.filter((recording) => requestOf(recording) === undefined);
  expect(broken.map((recording) => recording.file)).toEqual([]);
});

test('filters combine', () => {
  const streams = loadRecordings({ protocol: ['anthropic', 'gemini'], kind: 'stream', shows: ['tool-call'] });
  expect(streams.length).toBeGreaterThan(5);
  for (const recording of streams) {
    expect(['anthropic', 'gemini']).toContain(recording.protocol);
    expect(recording.kind).toBe('stream');
    expect(recording.shows).toContain('tool-call');
  }
});

test('a recording is found by its name, and an unknown name says so', () => {
  const [first] = loadRecordings({ hasRequest: true });
  expect(first).toBeDefined();
  if (first !== undefined) expect(recordingOf(first.file)).toBe(first);
  expect(() => recordingOf('nothing.sse')).toThrow('No recording is called nothing.sse');
});

test('the turns of a recorded conversation follow each other', () => {
  const byConversation = Map.groupBy(
    loadRecordings().filter((recording) => recording.sequence !== undefined),
    (recording) => recording.sequence?.id,
  );
  expect(byConversation.size).toBeGreaterThan(50);
  for (const turns of byConversation.values()) {
    const steps = turns.map((turn) => turn.sequence?.step ?? -1);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  }
});
