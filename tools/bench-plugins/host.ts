// The host that is measured: a small gateway around the codecs, the same but for where the plugin's work is done. Its work
// and its plugin's is all that main.ts counts. Arguments: JSON of HostJob. Says its port to its parent.
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { anthropicMessages } from '@proxycast/protocol-anthropic-messages';
import { openaiChat } from '@proxycast/protocol-openai-chat';
import type { ChatRequest, StreamDecoder, StreamEncoder, StreamEvent } from '@proxycast/spec';
import { createFrameReader } from '@proxycast/wire';
import { type Dispatcher, Pool } from 'undici';
import { findOuterBoundary } from '../../packages/plugin-host/src/boundary/find-outer-boundary.ts';
import { consentToAll } from '../../packages/plugin-host/src/broker/grants.ts';
import { verifyFiles } from '../../packages/plugin-host/src/loader/verify-files.ts';
import { parsePluginManifest } from '../../packages/plugin-host/src/manifest/parse-plugin-manifest.ts';
import { createPluginUnit, type PluginUnit } from '../../packages/plugin-host/src/plugin-unit.ts';
import type { PluginAttempt } from '../../packages/plugin-host/src/upstream/plugin-port.ts';
import { createOwnDecoder, wrapBody } from './own-dialect.ts';

export interface HostJob {
  /** `leased`, `prepared` or `own`: what the plugin does; the same in process where there is no plugin. */
  readonly kind: 'leased' | 'prepared' | 'own';
  readonly withPlugin: boolean;
  readonly upstream: string;
  /** The built plugin. */
  readonly folder: string;
  readonly dataFolder: string;
}

const job: HostJob = JSON.parse(process.argv[2] ?? '{}');
const pool = new Pool(job.upstream, { connections: 128, pipelining: 1 });
const client = codecOf(anthropicMessages);
const openai = codecOf(openaiChat);
const unit = job.withPlugin ? await startUnit(job) : undefined;

function codecOf<Codec>({ codec }: { readonly codec?: Codec }): Codec {
  if (codec === undefined) throw new TypeError('The dialect has no codec.');
  return codec;
}

async function startUnit({ folder, dataFolder, upstream }: HostJob): Promise<PluginUnit> {
  const reading = parsePluginManifest(readFileSync(join(folder, 'plugin.json'), 'utf8'), {
    hostVersion: '1.0.0',
    platform: undefined,
  });
  if (reading.type === 'invalid') throw new Error(JSON.stringify(reading.faults));
  const { digests } = await verifyFiles(folder);
  const made = createPluginUnit(
    {
      node: process.execPath,
      outer: await findOuterBoundary({ platform: process.platform, path: process.env.PATH ?? '' }),
      databaseProgram: '/nowhere',
      dataFolder,
      secret: randomBytes(32),
      hostVersion: '1.0.0',
      platform: process.platform,
      locale: () => 'en',
      folders: { home: '/nowhere' },
      ownFolders: [],
      send: () => Promise.reject(new Error('Not part of this.')),
      now: Date.now,
      random: Math.random,
      setTimer: (callback, delayMs) => {
        const timer = setTimeout(callback, delayMs);
        return () => clearTimeout(timer);
      },
    },
    {
      manifest: reading.manifest,
      folder,
      record: async () => ({
        digests,
        consent: consentToAll(reading.manifest),
        settings: { upstream, endpoints: { upstream } },
      }),
      log: () => undefined,
      notify: () => undefined,
      emit: () => undefined,
      onState: () => undefined,
    },
  );
  const state = await made.supervisor.start();
  if (state.type !== 'running') throw new Error(JSON.stringify(state));
  return made;
}

const credential = { id: 'c1', auth_type: 'none', data: {} };

function attemptFor(isStream: boolean): PluginAttempt {
  return {
    streamId: randomUUID(),
    requestId: 'r',
    operation: 'chat',
    protocol: 'openai',
    model: `${job.kind}-model`,
    isStream,
    credential,
    credentialVersion: 1,
    sessionId: 's',
    attempt: 1,
  };
}

function handle(request: IncomingMessage, response: ServerResponse): void {
  if (request.url === '/calls') {
    response.end(String(unit?.port.calls ?? 0));
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => answer(Buffer.concat(chunks), response));
}

function answer(body: Buffer, response: ServerResponse): void {
  const decoded = client.decodeRequest(JSON.parse(body.toString('utf8')), { isStream: true });
  const encoded = openai.encodeRequest(decoded, {
    model: 'bench',
    isStream: decoded.stream,
    origin: 'openai:bench',
    report: () => undefined,
  });
  const own = Buffer.from(JSON.stringify(encoded.body));
  const attempt = attemptFor(decoded.stream);
  if (unit === undefined) {
    send(job.kind === 'prepared' ? wrapBody(own) : own, attempt, decoded, response);
    return;
  }
  if (job.kind === 'prepared') {
    unit.port
      .prepare(attempt, () => own)
      .then(
        (prepared) => send(prepared.type === 'call' ? (prepared.body ?? own) : own, attempt, decoded, response),
        (error: unknown) => {
          console.error('plugin:', error instanceof Error ? error.message : error);
          response.destroy();
        },
      );
    return;
  }
  if (unit.port.leased(attempt) !== undefined) {
    send(own, attempt, decoded, response);
    return;
  }
  unit.port.prepare(attempt).then(
    () => send(own, attempt, decoded, response),
    (error: unknown) => {
      console.error('plugin:', error instanceof Error ? error.message : error);
      response.destroy();
    },
  );
}

function send(body: Uint8Array, attempt: PluginAttempt, request: ChatRequest, response: ServerResponse): void {
  const encoder: StreamEncoder = client.createStreamEncoder({ request, nowMs: Date.now(), framing: 'sse' });
  const write = (events: readonly StreamEvent[]): void => {
    const text = encoder.push(events);
    if (text !== '') response.write(text);
  };
  const finish = (): void => {
    response.end(encoder.end());
  };
  const readsInPlugin = unit !== undefined && job.kind === 'own';
  const remote = readsInPlugin
    ? unit.port.read(attempt, {
        reading: { dialect: 'plugin', framing: 'sse' },
        status: 200,
        headers: [],
        origin: 'openai:bench',
        onEvents: write,
        onEnd: (error) => {
          if (error === undefined) finish();
          else {
            console.error('plugin:', error.message);
            response.destroy();
          }
        },
      })
    : undefined;
  const reader = createFrameReader('sse');
  const decoder: StreamDecoder = createOwnDecoder();
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart: () => undefined,
    onResponseStart: () => void response.writeHead(200, { 'content-type': 'text/event-stream' }),
    onResponseData(_controller, chunk) {
      if (remote === undefined) write(decoder.push(reader.push(chunk)));
      else remote.push(chunk);
    },
    onResponseEnd() {
      if (remote === undefined) {
        write(decoder.push(reader.end()));
        write(decoder.end());
        finish();
      } else remote.end();
    },
    onResponseError: (_controller, error) => {
      console.error('upstream:', error.message);
      response.destroy(error);
    },
  };
  pool.dispatch(
    {
      method: 'POST',
      path: '/v1/chat',
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(body.buffer, body.byteOffset, body.byteLength),
    },
    handler,
  );
}

const server = createServer(handle);
// Slices of the other host lie between two requests of a connection.
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' && address !== null ? address.port : 0 });
});
process.on('disconnect', () => process.exit(0));
