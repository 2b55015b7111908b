import type { Socket } from 'node:net';
import { type AnswerRecorder, createRecorder, type Recorder } from './create-recorder.ts';
import type { Job, JobResult } from './job.ts';
import { openConnections } from './open-connections.ts';
import { percentilesOf } from './percentiles-of.ts';
import { renderRequest } from './render-request.ts';
import { createResponseReader, type ResponseReader } from './response-reader.ts';

/** Runs all requests of the job. Throws at the first answer that is not as expected, and when time is up. */
export async function runJob(job: Job): Promise<JobResult> {
  const bytes = renderRequestBytes(job);
  const sockets = await openConnections(job.host, job.port, Math.min(job.connections, job.requests));
  try {
    const recorder = createRecorder(job);
    const result = await driveConnections(job, bytes, sockets, recorder);
    const fault = recorder.explainFault();
    if (fault !== undefined) throw new Error(fault);
    return { ...result, ...recorder.figures() };
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

/** Opens the job's streams, one on each connection, and keeps reading them. Answers when each has its first byte. */
export async function holdStreams(job: Job): Promise<readonly Socket[]> {
  const bytes = renderRequestBytes(job);
  const sockets = await openConnections(job.host, job.port, job.connections);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(
    () => reject(new Error(`only some of ${job.connections} streams began in time`)),
    job.timeoutMs,
  );
  let waiting = sockets.length;
  for (const socket of sockets) {
    const reader = createResponseReader();
    let hasBegun = false;
    socket.on('data', (chunk: Buffer) => {
      if (hasBegun) return;
      try {
        reader.push(chunk);
      } catch (cause) {
        reject(cause);
      }
      if (reader.status() !== 0 && reader.status() !== 200)
        reject(new Error(`an answer has status ${reader.status()}`));
      if (reader.bodyBytes() === 0) return;
      hasBegun = true;
      waiting -= 1;
      if (waiting === 0) resolve();
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('a stream was closed before all had begun')));
    socket.write(bytes);
  }
  try {
    await promise;
    return sockets;
  } catch (cause) {
    for (const socket of sockets) socket.destroy();
    throw cause;
  } finally {
    clearTimeout(timer);
  }
}

function driveConnections(job: Job, bytes: Buffer, sockets: readonly Socket[], recorder: Recorder): Promise<JobResult> {
  const { promise, resolve, reject } = Promise.withResolvers<JobResult>();
  const latencyMs: number[] = [];
  const firstByteMs: number[] = [];
  let bodyBytes = 0;
  let reads = 0;
  let unsent = job.requests;
  const timer = setTimeout(() => {
    reject(new Error(`${latencyMs.length} of ${job.requests} requests in ${job.timeoutMs} ms`));
  }, job.timeoutMs);
  const startedAt = performance.now();

  for (const [at, socket] of sockets.entries()) {
    let answer: AnswerRecorder | undefined;
    const reader = createResponseReader((piece) => answer?.take(piece));
    let sentAt = 0;
    let hasBegun = false;
    let isIdle = true;

    const sendNext = (): void => {
      if (unsent === 0) return;
      unsent -= 1;
      isIdle = false;
      hasBegun = false;
      reader.reset();
      sentAt = performance.now();
      answer = recorder.startAnswer(sentAt);
      socket.write(bytes);
    };
    const sendNextInPace = (): void => {
      const waitMs = job.pace === undefined ? 0 : sentAt + job.pace.everyMs - performance.now();
      if (waitMs > 0) setTimeout(sendNext, waitMs);
      else sendNext();
    };
    const finish = (): void => {
      const fault = explainFault(job, reader);
      if (fault !== undefined) {
        reject(new Error(fault));
        return;
      }
      isIdle = true;
      answer?.end();
      bodyBytes += reader.bodyBytes();
      latencyMs.push(performance.now() - sentAt);
      if (latencyMs.length === job.requests) {
        resolve({
          requests: job.requests,
          wallMs: performance.now() - startedAt,
          bodyBytes,
          reads,
          latencyMs: percentilesOf(latencyMs),
          firstByteMs: percentilesOf(firstByteMs),
        });
      } else if (!reader.mustClose()) sendNextInPace();
      else if (unsent > 0) reject(new Error('the connection is not kept alive'));
    };

    socket.on('data', (chunk: Buffer) => {
      if (isIdle) return reject(new Error('bytes came that nobody asked for'));
      let isWhole: boolean;
      try {
        isWhole = reader.push(chunk);
      } catch (cause) {
        return reject(cause);
      }
      reads += 1;
      if (!hasBegun && reader.bodyBytes() > 0) {
        hasBegun = true;
        firstByteMs.push(performance.now() - sentAt);
      }
      if (isWhole) finish();
    });
    socket.on('error', reject);
    socket.on('close', () => {
      if (isIdle) {
        if (unsent > 0) reject(new Error('an idle connection was closed'));
      } else if (reader.end()) finish();
      else reject(new Error(`an answer was cut after ${reader.bodyBytes()} bytes, status ${reader.status()}`));
    });
    const spreadMs = at * (job.pace?.spreadMs ?? 0);
    if (spreadMs > 0) setTimeout(sendNext, spreadMs);
    else sendNext();
  }
  return promise.finally(() => {
    clearTimeout(timer);
    for (const socket of sockets) socket.removeAllListeners('close');
  });
}

function explainFault({ expected }: Job, reader: ResponseReader): string | undefined {
  if (reader.status() !== 200) return `an answer has status ${reader.status()} and ends with ${reader.tail()}`;
  if (expected.bytes !== undefined && reader.bodyBytes() !== expected.bytes) {
    return `an answer has ${reader.bodyBytes()} bytes, not ${expected.bytes}`;
  }
  if (expected.end !== undefined && !reader.tail().trimEnd().endsWith(expected.end)) {
    return `an answer does not end with ${expected.end}`;
  }
  return reader.bodyBytes() === 0 ? 'an answer has no body' : undefined;
}

function renderRequestBytes({ host, port, path, headers, request }: Job): Buffer {
  const body = renderRequest(request);
  const lines = [
    `POST ${path} HTTP/1.1`,
    `host: ${host}:${port}`,
    'content-type: application/json',
    `content-length: ${body.length}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body]);
}
