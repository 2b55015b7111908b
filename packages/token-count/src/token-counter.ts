import { Worker } from 'node:worker_threads';
import { type DecodeRequestContext, GatewayError, ProxyCastError } from '@proxycast/spec';
import type { TokenCountReply, TokenCountTask } from './token-count-messages.ts';

export interface TokenCountRequest {
  /** The body as the client sent it, in the pieces it came in. */
  readonly body: readonly Uint8Array[];
  /** The dialect it is written in. */
  readonly client: string;
  readonly decoding: DecodeRequestContext;
  readonly model: string;
}

export interface TokenCounter {
  /** An estimate of the request's input tokens. Rejects with a ProxyCastError; the client's fault where the body is none. */
  estimate(request: TokenCountRequest): Promise<number>;
  /** The protocols have changed: the next request is read by a new thread. */
  renew(): void;
  close(): Promise<void>;
}

export interface TokenCounterParts {
  /** A script that calls `runTokenCountWorker` with the same protocols. */
  readonly workerUrl: URL;
  /** What the script makes its protocols from; asked at each start of the thread. */
  readonly workerData: () => unknown;
  /** Without a request for so long the thread ends, and gives its memory back. */
  readonly idleMs?: number;
}

/** Clients that count do so several times a minute. */
const USUAL_IDLE_MS = 60_000;
/** Each waits a second at most; whoever comes later is told to try again. */
const MAX_WAITING = 256;
/** Enough for the largest body and the tables; a runaway request ends the thread, not the process. */
const WORKER_HEAP_MB = 1_024;

interface PendingTask {
  readonly resolve: (tokens: number) => void;
  readonly reject: (error: ProxyCastError) => void;
}

interface RunningWorker {
  readonly worker: Worker;
  readonly tasks: Map<number, PendingTask>;
}

/**
 * Estimates tokens in a thread of its own, so that streams go on meanwhile and the tables of the tokenizer (some 60 MB) are
 * held only while they are used. The thread is started by the first request, and again after a crash or an idle end.
 */
export function createTokenCounter({ workerUrl, workerData, idleMs = USUAL_IDLE_MS }: TokenCounterParts): TokenCounter {
  let running: RunningWorker | undefined;
  let lastId = 0;
  let waiting = 0;
  let idle: NodeJS.Timeout | undefined;

  const start = (): RunningWorker => {
    const worker = new Worker(workerUrl, {
      name: 'proxycast-token-count',
      workerData: workerData(),
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB },
    });
    const started: RunningWorker = { worker, tasks: new Map() };
    const crash = (cause: unknown): void => {
      if (running === started) running = undefined;
      for (const task of started.tasks.values()) task.reject(failed(cause));
      started.tasks.clear();
    };
    worker.on('error', crash);
    worker.on('messageerror', crash);
    worker.on('exit', (exitCode) => crash(new Error(`The token count worker left with exit code ${exitCode}.`)));
    worker.on('message', (reply: TokenCountReply) => {
      const task = started.tasks.get(reply.id);
      if (task === undefined) return;
      started.tasks.delete(reply.id);
      if (reply.type === 'counted') task.resolve(reply.tokens);
      else task.reject(reply.fault === 'gateway' ? failed(new Error(reply.message)) : new ProxyCastError(reply));
      // One that was replaced has no one else to end it.
      if (running !== started && started.tasks.size === 0) endWorker(started);
    });
    worker.unref();
    return started;
  };

  const endWorker = ({ worker }: RunningWorker): void => {
    // A thread that cannot be ended is gone already.
    worker.terminate().catch(() => undefined);
  };

  const endWhenIdle = (): void => {
    clearTimeout(idle);
    idle = setTimeout(() => {
      const ended = running;
      if (ended === undefined || ended.tasks.size > 0) return;
      running = undefined;
      endWorker(ended);
    }, idleMs);
    idle.unref();
  };

  return {
    estimate({ body, ...request }) {
      if (waiting >= MAX_WAITING) return Promise.reject(tooMany());
      clearTimeout(idle);
      waiting++;
      return new Promise<number>((resolve, reject) => {
        running ??= start();
        lastId++;
        running.tasks.set(lastId, { resolve, reject });
        const bytes = joinedCopy(body);
        const task: TokenCountTask = { id: lastId, bytes, ...request };
        running.worker.postMessage(task, [bytes.buffer]);
      }).finally(() => {
        waiting--;
        endWhenIdle();
      });
    },
    renew() {
      const old = running;
      running = undefined;
      if (old !== undefined && old.tasks.size === 0) endWorker(old);
    },
    async close() {
      clearTimeout(idle);
      await running?.worker.terminate();
    },
  };
}

/** In memory of its own, which moves to the other thread. */
function joinedCopy(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

function failed(cause: unknown): GatewayError {
  return new GatewayError({
    code: 'token_estimate_failed',
    kind: 'internal',
    isPublic: false,
    message: 'The tokens of the request could not be estimated.',
    cause,
  });
}

function tooMany(): GatewayError {
  return new GatewayError({
    code: 'token_estimates_busy',
    kind: 'overloaded',
    message: 'Too many requests to count tokens wait already. Send the request again.',
    retryAfterMs: 1_000,
  });
}
