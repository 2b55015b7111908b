import type { Job } from '../load/job.ts';
import type { ChatRequestShape } from '../load/render-chat-request.ts';
import type { Target } from '../targets/target.ts';
import { type Answer, MODEL } from '../upstream/answer.ts';
import { renderChatStream } from '../upstream/render-chat-stream.ts';

export interface Work {
  readonly request: ChatRequestShape;
  readonly answer: Answer;
  readonly requests: number;
  readonly connections: number;
}

const TIMEOUT_MS = 60_000;

/** The same work for one target. A peer may write the answer anew, so of its answers only the end is known. */
export function createJob(target: Target, { request, answer, requests, connections }: Work): Job {
  return {
    host: target.host,
    port: target.port,
    path: `${target.basePath}/v1/chat/completions`,
    headers: target.headers,
    request,
    connections,
    requests,
    timeoutMs: TIMEOUT_MS,
    expected: target.isExact
      ? { bytes: bytesOf(answer) }
      : answer.type === 'stream'
        ? { end: 'data: [DONE]' }
        : { end: '}' },
  };
}

function bytesOf(answer: Answer): number {
  if (answer.type === 'json') return answer.bytes;
  return renderChatStream({ chunks: answer.chunks, model: MODEL }).reduce((sum, { length }) => sum + length, 0);
}
