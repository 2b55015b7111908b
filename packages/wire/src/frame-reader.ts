import type { AnswerFraming, Frame } from '@proxycast/spec';
import { createEventStreamReader } from './event-stream-reader.ts';
import { createJsonArrayReader } from './json-array-reader.ts';
import { createSseReader } from './sse-reader.ts';

/** Bytes in, the frames that are complete out. Throws UpstreamError for bytes that are no frames. */
export interface FrameReader {
  push(chunk: Uint8Array): readonly Frame[];
  /** The stream has closed: a last frame that lacked its end, where the framing forgives that. */
  end(): readonly Frame[];
}

export function createFrameReader(framing: Exclude<AnswerFraming, 'whole'>): FrameReader {
  switch (framing) {
    case 'sse':
      return createSseReader();
    case 'json-array':
      return createJsonArrayReader();
    case 'aws-event-stream':
      return createEventStreamReader();
  }
}
