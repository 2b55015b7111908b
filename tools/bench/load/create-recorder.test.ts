import { expect, test } from 'vitest';
import { monotonicUs } from '../process/monotonic-us.ts';
import { renderChatStream } from '../upstream/render-chat-stream.ts';
import { stampTime } from '../upstream/time-mark.ts';
import { createRecorder } from './create-recorder.ts';

const STREAM = Buffer.concat([...renderChatStream({ chunks: 6, model: 'a-model' })]);

test('the first token is seen once in an answer, however its bytes are cut', () => {
  const recorder = createRecorder({ expected: {}, watched: 'first-token', requests: 1 });
  const answer = recorder.startAnswer(performance.now() - 5);
  for (const byte of STREAM) answer.take(Buffer.from([byte]));
  const { firstTokenMs } = recorder.figures();
  expect(firstTokenMs?.max).toSatisfy((ms: number) => ms >= 5 && ms < 1000);
  expect(firstTokenMs?.p50).toBe(firstTokenMs?.max);
  expect(recorder.explainFault()).toBeUndefined();
});

test('an answer without a token is a fault', () => {
  const recorder = createRecorder({ expected: {}, watched: 'first-token', requests: 1 });
  recorder.startAnswer(0).take(Buffer.from('data: [DONE]\n\n'));
  expect(recorder.explainFault()).toBe('0 of 1 answers had the first token');
});

test('the transit of a chunk is from its mark to now', () => {
  const recorder = createRecorder({ expected: {}, watched: 'time-marks', requests: 1 });
  const answer = recorder.startAnswer(0);
  for (const frame of renderChatStream({ chunks: 6, model: 'a-model', isTimed: true })) {
    answer.take(stampTime(frame, monotonicUs() - 20_000));
  }
  const us = recorder.figures().transits?.map(({ fromUs, toUs }) => toUs - fromUs) ?? [];
  expect(us).toHaveLength(4);
  expect(us.every((one) => one >= 20_000 && one < 1_000_000)).toBe(true);
  expect(recorder.explainFault()).toBeUndefined();
});

test('the span of an answer is from its request to its end', () => {
  const recorder = createRecorder({ expected: {}, watched: 'spans', requests: 1 });
  const before = monotonicUs();
  recorder.startAnswer(0).end();
  const [span] = recorder.figures().spans ?? [];
  expect(span?.fromUs).toSatisfy((us: number) => us >= before && us <= (span?.toUs ?? 0));
});

test('every body is looked at when a message is expected', () => {
  const message = { isStream: true, text: 'hello', outputTokens: 6 };
  const recorder = createRecorder({ expected: { message }, requests: 1 });
  recorder.startAnswer(0).take(STREAM);
  expect(recorder.explainFault()).toContain('an event of another dialect');
});
