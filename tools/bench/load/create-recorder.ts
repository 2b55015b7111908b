import { monotonicUs } from '../process/monotonic-us.ts';
import { FIRST_TOKEN } from '../upstream/render-chat-stream.ts';
import { createTimeMarkReader } from '../upstream/time-mark.ts';
import { explainMessageFault } from './explain-message-fault.ts';
import type { Job, JobResult, Span } from './job.ts';
import { percentilesOf } from './percentiles-of.ts';

/** Looks into the bodies of a job: for what it watches while they come, for whole messages when all are there. */
export interface Recorder {
  /** One answer; `sentAt` is the `performance.now()` of its request. */
  readonly startAnswer: (sentAt: number) => AnswerRecorder;
  readonly figures: () => Pick<JobResult, 'firstTokenMs' | 'transits' | 'spans'>;
  /** What is wrong with the first body that is not as expected. Slow, so it is asked when nothing is measured. */
  readonly explainFault: () => string | undefined;
}

export interface AnswerRecorder {
  /** A piece of the body. */
  readonly take: (piece: Buffer) => void;
  /** The answer is whole. */
  readonly end: () => void;
}

export function createRecorder({
  expected: { message },
  watched,
  requests,
}: Pick<Job, 'expected' | 'watched' | 'requests'>): Recorder {
  const bodies: Buffer[][] = [];
  const firstTokenMs: number[] = [];
  const transits: Span[] = [];
  const spans: Span[] = [];

  function createWatch(sentAt: number): ((piece: Buffer) => void) | undefined {
    if (watched === 'first-token') {
      return createSearch(FIRST_TOKEN, () => firstTokenMs.push(performance.now() - sentAt));
    }
    if (watched !== 'time-marks') return undefined;
    const marks = createTimeMarkReader();
    return (piece) => {
      const toUs = monotonicUs();
      for (const fromUs of marks.push(piece)) transits.push({ fromUs, toUs });
    };
  }

  return {
    startAnswer(sentAt) {
      const pieces: Buffer[] = [];
      if (message !== undefined) bodies.push(pieces);
      const watch = createWatch(sentAt);
      const fromUs = monotonicUs();
      return {
        take(piece) {
          if (message !== undefined) pieces.push(piece);
          watch?.(piece);
        },
        end() {
          if (watched === 'spans') spans.push({ fromUs, toUs: monotonicUs() });
        },
      };
    },
    figures: () => ({
      ...(watched === 'first-token' ? { firstTokenMs: percentilesOf(firstTokenMs) } : {}),
      ...(watched === 'time-marks' ? { transits } : {}),
      ...(watched === 'spans' ? { spans } : {}),
    }),
    explainFault() {
      if (watched === 'first-token' && firstTokenMs.length !== requests) {
        return `${firstTokenMs.length} of ${requests} answers had the first token`;
      }
      if (watched === 'time-marks' && transits.length === 0) return 'no answer had a time mark';
      if (message === undefined) return undefined;
      for (const pieces of bodies) {
        const fault = explainMessageFault(Buffer.concat(pieces), message);
        if (fault !== undefined) return fault;
      }
      return undefined;
    },
  };
}

/** Calls `found` once, as soon as the pieces together hold `text`. */
function createSearch(text: string, found: () => void): (piece: Buffer) => void {
  const keptBytes = Buffer.byteLength(text) - 1;
  let rest: Buffer | undefined = Buffer.alloc(0);
  return (piece) => {
    if (rest === undefined) return;
    const bytes = Buffer.concat([rest, piece]);
    if (bytes.includes(text)) {
      rest = undefined;
      found();
    } else rest = bytes.subarray(Math.max(bytes.length - keptBytes, 0));
  };
}
