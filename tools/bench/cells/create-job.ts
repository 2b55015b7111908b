import type { Job, Pace } from '../load/job.ts';
import type { Dialect, RequestShape } from '../load/request-shape.ts';
import type { Target } from '../targets/target.ts';
import { MODEL, type PlainAnswer } from '../upstream/answer.ts';
import { ANSWER_TOKENS, textOfChatAnswer } from '../upstream/render-chat-answer.ts';
import { renderChatStream, textOfChatStream } from '../upstream/render-chat-stream.ts';

export interface Work {
  readonly request: RequestShape;
  readonly answer: PlainAnswer;
  readonly requests: number;
  readonly connections: number;
  /** Absent: as fast as the answers come. */
  readonly pace?: Pace;
  readonly watched?: NonNullable<Job['watched']>;
}

const TIMEOUT_MS = 60_000;
const ENDPOINTS: Readonly<
  Record<Dialect, { readonly path: string; readonly headers: Readonly<Record<string, string>> }>
> = {
  openai: { path: '/v1/chat/completions', headers: {} },
  anthropic: { path: '/v1/messages', headers: { 'anthropic-version': '2023-06-01' } },
};

/** What the upstream gets in another dialect than the client's, from this target. */
export function isConverted(target: Target, { dialect = 'openai' }: RequestShape): boolean {
  return target.isConverting && dialect !== 'openai';
}

/** The same work for one target. */
export function createJob(target: Target, work: Work): Job {
  const { request, requests, connections, pace, watched } = work;
  const { path, headers } = ENDPOINTS[request.dialect ?? 'openai'];
  return {
    host: target.host,
    port: target.port,
    path: `${target.basePath}${path}`,
    headers: { ...target.headers, ...headers },
    request,
    connections,
    requests,
    timeoutMs: TIMEOUT_MS,
    ...(pace === undefined ? {} : { pace }),
    ...(watched === undefined ? {} : { watched }),
    expected: expectedOf(target, work),
  };
}

/** A peer may write the answer anew, so of its answers in the upstream's dialect only the end is known. */
function expectedOf(target: Target, { request, answer }: Work): Job['expected'] {
  if (isConverted(target, request)) {
    return answer.type === 'stream'
      ? { message: { isStream: true, text: textOfChatStream(answer.chunks), outputTokens: answer.chunks } }
      : {
          message: {
            isStream: false,
            text: textOfChatAnswer({ bytes: answer.bytes, model: MODEL }),
            outputTokens: ANSWER_TOKENS,
          },
        };
  }
  if (target.isExact) return { bytes: bytesOf(answer) };
  return { end: answer.type === 'stream' ? 'data: [DONE]' : '}' };
}

function bytesOf(answer: PlainAnswer): number {
  if (answer.type === 'json') return answer.bytes;
  const { chunks, isTimed = false } = answer;
  return renderChatStream({ chunks, model: MODEL, isTimed }).reduce((sum, { length }) => sum + length, 0);
}
