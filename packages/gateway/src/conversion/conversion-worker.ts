import { Worker } from 'node:worker_threads';
import { GatewayError, type ProtocolId, ProxyCastError } from '@proxycast/spec';
import type { ChunkedBytes } from '@proxycast/wire';
import { type ConversionReply, type ConversionTask, END_OF_TASKS } from './conversion-messages.ts';
import type { ConversionOutcome, RequestConversion } from './convert-request.ts';
import { createSharedBytes } from './shared-bytes.ts';

export interface ConversionWorker {
  /** Rejects with a ProxyCastError. */
  convert(
    body: ChunkedBytes,
    protocols: { readonly client: ProtocolId; readonly upstream: ProtocolId },
    conversion: RequestConversion,
  ): Promise<ConversionOutcome>;
  /** The protocols have changed: the next body is converted by a new thread. What is under way ends on the old one. */
  renew(): void;
  close(): Promise<void>;
}

/** Enough for the largest body several times over; a runaway conversion ends the worker, not the process. */
const WORKER_HEAP_MB = 1_024;

interface PendingTask {
  readonly resolve: (outcome: ConversionOutcome) => void;
  readonly reject: (error: ProxyCastError) => void;
}

/**
 * Converts large bodies in a thread of its own, so that the streams of others go on meanwhile. The thread is started by
 * the first large body, and again after a crash.
 */
export function createConversionWorker({
  workerUrl,
  workerData,
}: {
  /** A script that calls `runConversionWorker` with the same protocols. */
  readonly workerUrl: URL;
  /** What the script makes its protocols from; asked at each start of the thread. */
  readonly workerData: () => unknown;
}): ConversionWorker {
  const sharedBytes = createSharedBytes();
  let worker: Worker | undefined;
  let pending = new Map<number, PendingTask>();
  let lastId = 0;

  const start = (): Worker => {
    const started = new Worker(workerUrl, {
      name: 'proxycast-conversion',
      workerData: workerData(),
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB },
    });
    const tasks = new Map<number, PendingTask>();
    pending = tasks;
    const crash = (cause: unknown): void => {
      if (worker === started) worker = undefined;
      for (const task of tasks.values()) task.reject(crashed(cause));
      tasks.clear();
    };
    started.on('error', crash);
    started.on('messageerror', crash);
    started.on('exit', (exitCode) => crash(new Error(`The conversion worker left with exit code ${exitCode}.`)));
    started.on('message', (reply: ConversionReply) => {
      const task = tasks.get(reply.id);
      if (task === undefined) return;
      tasks.delete(reply.id);
      if (reply.type === 'done') task.resolve(reply.outcome);
      else task.reject(reply.fault === 'gateway' ? crashed(new Error(reply.message)) : new ProxyCastError(reply));
    });
    started.unref();
    return started;
  };

  return {
    convert(body, { client, upstream }, conversion) {
      const { bytes, release } = sharedBytes.take(body);
      return new Promise<ConversionOutcome>((resolve, reject) => {
        worker ??= start();
        lastId++;
        pending.set(lastId, { resolve, reject });
        const task: ConversionTask = { id: lastId, client, upstream, bytes, conversion };
        worker.postMessage(task);
      }).finally(release);
    },
    renew() {
      const old = worker;
      worker = undefined;
      // Ends when it has answered what it was asked: nothing more is sent to it.
      old?.postMessage(END_OF_TASKS);
    },
    async close() {
      await worker?.terminate();
    },
  };
}

function crashed(cause: unknown): GatewayError {
  return new GatewayError({
    code: 'conversion_failed',
    kind: 'internal',
    isPublic: false,
    message: 'The request could not be converted.',
    cause,
  });
}
