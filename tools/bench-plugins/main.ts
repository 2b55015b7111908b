// `node tools/bench-plugins/main.ts [--quick]`: what the plugin boundary costs. See README.md.
import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { Agent, createServer, request as requestHttp } from 'node:http';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { readResidentMemory } from '../../packages/plugin-host/src/process/read-resident-memory.ts';
import { createPluginBed } from '../../packages/plugin-host/src/testing/plugin-bed.ts';
import { renderMessagesRequest } from '../bench/load/render-messages-request.ts';
import { createCpuMeter, parseStatUs } from '../bench/process/cpu.ts';
import { estimateMedian } from '../bench/report/estimate-median.ts';
import type { HostJob } from './host.ts';

const isQuick = process.argv.includes('--quick');
const STARTS = isQuick ? 10 : 40;
const SLICES = isQuick ? 6 : 14;
const STREAMS = 40;
const CHUNKS = 300;
const CHUNK_EVERY_MS = 10;
const KINDS = (['leased', 'prepared', 'own'] as const).filter((kind) => !process.argv.includes(`--no-${kind}`));
const LARGE = renderMessagesRequest({ bytes: 150_000, messages: 135, tools: 25, isStream: true });
const SMALL = renderMessagesRequest({ bytes: 2000, messages: 3, tools: 0, isStream: true });

const home = await realpath(await mkdtemp(join(tmpdir(), 'proxycast-bench-plugins-')));
const folder = await buildPlugin(home);
const upstream = await startUpstream();
const agent = new Agent({ keepAlive: true, maxSockets: 256 });
const children: ChildProcess[] = [];
const lines: string[] = [];
const say = (line: string): void => {
  lines.push(line);
  console.log(line);
};

try {
  say(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${new Date().toISOString()}\n`);
  if (!process.argv.includes('--no-start')) await measureStart();
  await measureCpu();
  await measureLatency();
} finally {
  for (const child of children) child.kill();
  upstream.close();
  await rm(home, { recursive: true, force: true });
}

async function buildPlugin(place: string): Promise<string> {
  const target = join(place, 'bench-provider');
  await mkdir(join(target, 'bin'), { recursive: true });
  const bundle = await rolldown({ input: join(import.meta.dirname, 'plugin-backend.ts'), platform: 'node' });
  await bundle.write({ file: join(target, 'bin', 'backend.js'), format: 'esm', codeSplitting: false });
  await bundle.close();
  await writeFile(join(target, 'package.json'), '{ "type": "module" }');
  await writeFile(
    join(target, 'plugin.json'),
    JSON.stringify({
      name: 'bench-provider',
      version: '1.0.0',
      plugin_type: 'oauth_provider',
      entry: 'bin/backend.js',
      runtime: 'node',
      contract_version: 1,
      provider: {
        id: 'bench',
        display_name: 'Bench',
        target_protocol: 'openai',
        supported_models: ['*'],
        auth_types: [{ id: 'none', display_name: 'None' }],
      },
    }),
  );
  return target;
}

/** Streams of Chat Completions, a chunk every ten milliseconds, all written when the client may not wait. */
async function startUpstream() {
  const chunk = (delta: object, finish: string | null, more: object = {}): string =>
    `data: ${JSON.stringify({
      id: 'chatcmpl-bench-0123456789',
      object: 'chat.completion.chunk',
      created: 1_790_000_000,
      model: 'bench',
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
      ...more,
    })}\n\n`;
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk({ role: 'assistant', content: '' }, null));
      const isPaced = Number(request.headers['content-length'] ?? 0) > 10_000;
      let sent = 0;
      const next = (): void => {
        response.write(chunk({ content: ` word${sent++} of it` }, null));
        if (sent < CHUNKS) return;
        clearInterval(timer);
        const usage = { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 };
        response.end(`${chunk({}, 'stop')}${chunk({}, null, { choices: [], usage })}data: [DONE]\n\n`);
      };
      const timer = isPaced ? setInterval(next, CHUNK_EVERY_MS) : undefined;
      if (!isPaced) while (sent < CHUNKS) next();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  return { url, close: () => server.close() };
}

async function measureStart(): Promise<void> {
  const times: number[] = [];
  let memory: { readonly bytes: number; readonly processes: number } | undefined;
  for (let start = 0; start < STARTS; start++) {
    const bed = await createPluginBed({ folder, settings: { upstream: upstream.url } });
    const startedAt = performance.now();
    const state = await bed.unit.supervisor.start();
    times.push(performance.now() - startedAt);
    if (state.type !== 'running') throw new Error(JSON.stringify(state));
    if (start === STARTS - 1) {
      await new Promise((resolve) => setTimeout(resolve, 5000));
      memory = await bed.unit.supervisor.call('ping', {}).then(() => readOwnMemory());
    }
    await bed[Symbol.asyncDispose]();
  }
  times.sort((a, b) => a - b);
  const at = (share: number): string => (times[Math.floor(share * (times.length - 1))] ?? 0).toFixed(0);
  say(
    `Start inside the boundary, verification included: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, max ${at(1)} ms (bar 200 ms; ${STARTS} starts)`,
  );
  const mb = (memory?.bytes ?? 0) / 1e6;
  say(
    `Idle after 5 s: ${mb.toFixed(1)} MB resident in ${memory?.processes} processes, bubblewrap's included (bar 60 MB)\n`,
  );
}

/** The plugin's processes are the only ones this one has then. */
async function readOwnMemory() {
  const own = readResidentMemory(process.pid);
  const alone = process.memoryUsage.rss();
  return own === undefined ? undefined : { bytes: own.bytes - alone, processes: own.processes - 1 };
}

interface Host {
  readonly url: string;
  readonly readUs: () => number;
  /** Without its plugin. */
  readonly readOwnUs: () => number;
  stop(): void;
}

async function startHost(kind: HostJob['kind'], withPlugin: boolean): Promise<Host> {
  const job: HostJob = { kind, withPlugin, upstream: upstream.url, folder, dataFolder: join(home, 'data') };
  const child = fork(join(import.meta.dirname, 'host.ts'), [JSON.stringify(job)]);
  children.push(child);
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message: { readonly port: number }) => resolve(message.port));
    child.once('exit', (code) => reject(new Error(`The host ended with ${code}.`)));
  });
  const meter = createCpuMeter(child.pid ?? 0);
  const readOwnUs = (): number => parseStatUs(readFileSync(`/proc/${child.pid}/stat`, 'latin1'));
  return { url: `http://127.0.0.1:${port}`, readUs: meter.readUs, readOwnUs, stop: () => void child.kill() };
}

function ask(host: Host, body: Buffer): Promise<{ readonly firstMs: number }> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const request = requestHttp(`${host.url}/v1/messages`, {
      method: 'POST',
      agent,
      headers: { 'content-length': body.length },
    });
    request.on('error', reject);
    request.on('response', (response) => {
      let firstMs = 0;
      let text = '';
      response.on('data', (chunk: Buffer) => {
        if (firstMs === 0) firstMs = performance.now() - startedAt;
        text += chunk.toString('latin1');
      });
      response.on('error', reject);
      response.on('end', () => {
        // A conversion that lost something must not look fast.
        const words = text.split('content_block_delta').length - 1;
        if (!text.includes('message_stop') || words < CHUNKS)
          reject(new Error(`An answer is not whole: ${words} deltas.`));
        else resolve({ firstMs });
      });
    });
    request.end(body);
  });
}

async function slice(host: Host): Promise<number> {
  const before = host.readUs();
  await Promise.all(Array.from({ length: STREAMS }, () => ask(host, LARGE)));
  return (host.readUs() - before) / STREAMS;
}

async function measureCpu(): Promise<void> {
  say(
    `CPU of host and plugin for a request of 150 KB and a stream of ${CHUNKS} chunks, ${STREAMS} at once, against the same code in process`,
  );
  say('| what the plugin does | in process | with the plugin | of it the host | more, median [95 %] | bar |');
  say('| --- | --- | --- | --- | --- | --- |');
  const bars = { leased: 15, prepared: 25, own: 60 };
  for (const kind of KINDS) {
    const plain = await startHost(kind, false);
    const plugged = await startHost(kind, true);
    await Promise.all([slice(plain), slice(plugged)]);
    const callsBefore = await callsOf(plugged);
    const ownBefore = [plain.readOwnUs(), plugged.readOwnUs()];
    const pairs: { readonly plain: number; readonly plugged: number }[] = [];
    for (let round = 0; round < SLICES; round++) {
      const first = round % 2 === 0;
      const one = await slice(first ? plain : plugged);
      const other = await slice(first ? plugged : plain);
      pairs.push(first ? { plain: one, plugged: other } : { plain: other, plugged: one });
    }
    const own = [plain.readOwnUs(), plugged.readOwnUs()].map(
      (us, at) => (us - (ownBefore[at] ?? 0)) / SLICES / STREAMS,
    );
    const calls = (await callsOf(plugged)) - callsBefore;
    const ms = (us: number): string => `${(us / 1000).toFixed(2)} ms`;
    const ratio = estimateMedian(pairs.map((pair) => (pair.plugged / pair.plain - 1) * 100));
    const [plainUs, pluggedUs] = [
      estimateMedian(pairs.map((pair) => pair.plain)),
      estimateMedian(pairs.map((pair) => pair.plugged)),
    ];
    say(
      `| ${kind} (${(calls / (SLICES * STREAMS)).toFixed(1)} calls a request) | ${ms(plainUs.value)} | ${ms(pluggedUs.value)} | ${ms(own[1] ?? 0)} (${ms(own[0] ?? 0)} in process) | ${ratio.value.toFixed(1)} % [${ratio.low.toFixed(1)}, ${ratio.high.toFixed(1)}] | ${bars[kind]} % |`,
    );
    plain.stop();
    plugged.stop();
  }
  say('');
}

async function callsOf(host: Host): Promise<number> {
  return Number(await (await fetch(`${host.url}/calls`)).text());
}

async function measureLatency(): Promise<void> {
  const rounds = isQuick ? 200 : 1000;
  say(`First byte of a 2 KB request, one after the other, ${rounds} of each, alternating (bar: 1 ms more at p50)`);
  for (const kind of KINDS) {
    const plain = await startHost(kind, false);
    const plugged = await startHost(kind, true);
    for (let warm = 0; warm < 100; warm++) await Promise.all([ask(plain, SMALL), ask(plugged, SMALL)]);
    const times = { plain: [] as number[], plugged: [] as number[] };
    for (let round = 0; round < rounds; round++) {
      times.plain.push((await ask(plain, SMALL)).firstMs);
      times.plugged.push((await ask(plugged, SMALL)).firstMs);
    }
    const [a, b] = [estimateMedian(times.plain).value, estimateMedian(times.plugged).value];
    say(`- ${kind}: ${a.toFixed(2)} ms in process, ${b.toFixed(2)} ms with the plugin, ${(b - a).toFixed(2)} ms more`);
    plain.stop();
    plugged.stop();
  }
}
