import { type ChildProcess, spawn } from 'node:child_process';
import {
  type CallOptions,
  createRpcPeer,
  RpcError,
  type RpcParams,
  type RpcPeer,
  type RpcPeerParts,
} from '@proxycast/plugin-rpc';
import { PluginError, type PluginErrorCode } from '@proxycast/spec';
import {
  findSchemaFaults,
  type InitializeResult,
  MAX_FRAME_ATTACHMENT_BYTES,
  MAX_FRAME_HEADER_BYTES,
  MAX_JSON_DEPTH,
  PLUGIN_METHODS,
  type PluginCall,
  type PluginNotification,
  type PluginParams,
  type PluginResult,
  RPC_CODES,
} from '@proxycast/spec/plugin';
import type { LaunchPlan, MemoryBounds } from '../boundary/launch-plan.ts';
import type { ExitReason } from './exit-reason.ts';
import { createLogLines } from './log-lines.ts';
import { readResidentMemory } from './read-resident-memory.ts';

export interface PluginProcessParts {
  readonly name: string;
  readonly plan: LaunchPlan;
  readonly memory: MemoryBounds;
  readonly initialize: PluginParams<'initialize'>;
  /** What the plugin asks of the host. */
  readonly onCall: RpcPeerParts['onCall'];
  readonly onNotification: RpcPeerParts['onNotification'];
  /** A line of its stderr. */
  readonly onLog: (line: string) => void;
  readonly now: () => number;
  /** For calls that may go to the network, where the caller sets none; absent: the contract's. */
  readonly networkDeadlineMs?: number;
  /** Told of the data of every credential that goes in or comes out. */
  readonly learn?: (data: unknown) => void;
  /** Takes secrets out of the plugin's own words. */
  readonly redact?: (text: string) => string;
  readonly health?: Partial<HealthSettings>;
}

export interface HealthSettings {
  /** From one ping to the next. */
  readonly pingEveryMs: number;
  /** A plugin that has not answered a ping by then hangs. */
  readonly pingDeadlineMs: number;
  /** The same after another call was not answered in time: it is suspected already. */
  readonly suspectDeadlineMs: number;
  readonly memoryEveryMs: number;
  /** Calls and notifications that nobody asked for, beyond which its pipe is left alone for the rest of the second. */
  readonly maxUnaskedPerSecond: number;
  readonly maxProcesses: number;
}

export const DEFAULT_HEALTH: HealthSettings = {
  pingEveryMs: 5000,
  pingDeadlineMs: 5000,
  suspectDeadlineMs: 1000,
  memoryEveryMs: 500,
  maxUnaskedPerSecond: 2000,
  maxProcesses: 32,
};

export interface PluginAnswer<Name extends PluginCall> {
  readonly result: PluginResult<Name>;
  readonly attachment: Uint8Array;
}

export interface PluginCallOptions extends Partial<Pick<CallOptions, 'attachment' | 'signal' | 'deadlineMs'>> {}

/** One process of a plugin that has shaken hands. */
export interface PluginProcess {
  readonly pid: number;
  readonly capabilities: InitializeResult;
  /** Settles when the process is gone, never rejects. */
  readonly exited: Promise<ExitReason>;
  /** Throws PluginError. */
  call<Name extends PluginCall>(
    name: Name,
    params: PluginParams<Name>,
    options?: PluginCallOptions,
  ): Promise<PluginAnswer<Name>>;
  notify<Name extends PluginNotification>(name: Name, params: PluginParams<Name>): void;
  readonly pendingCalls: number;
  /** Waits for running calls at most `drainMs`, says goodbye, and ends it. */
  stop(drainMs: number): Promise<void>;
  /** Ends it now. */
  kill(reason: ExitReason): void;
}

const MAY_USE_NETWORK = /^(?:credential|login|models)\./;
const MAX_LOG_LINES_PER_SECOND = 200;
const MAX_QUEUED_BYTES = 256 * 1024 * 1024;
const MAX_INCOMING_CALLS = 64;
const MAX_INCOMING_BYTES = 96 * 1024 * 1024;

/** Starts the process and shakes hands. Throws PluginError when it does not come up; then nothing of it is left. */
export async function startPluginProcess(parts: PluginProcessParts): Promise<PluginProcess> {
  const running = new RunningPlugin(parts);
  try {
    await running.shakeHands();
    return running;
  } catch (cause) {
    running.kill({ type: 'stopped' });
    await running.exited;
    throw cause;
  }
}

class RunningPlugin implements PluginProcess {
  readonly exited: Promise<ExitReason>;
  readonly #parts: PluginProcessParts;
  readonly #health: HealthSettings;
  readonly #child: ChildProcess;
  readonly #peer: RpcPeer;
  #capabilities: InitializeResult | undefined;
  #reason: ExitReason | undefined;
  #isGone = false;
  #isCorked = false;
  #unasked = 0;
  #timers: NodeJS.Timeout[] = [];
  #isSuspected = false;
  #lastWords: string[] = [];

  constructor(parts: PluginProcessParts) {
    this.#parts = parts;
    this.#health = { ...DEFAULT_HEALTH, ...parts.health };
    const { command, args, env, cwd } = parts.plan;
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env, cwd, windowsHide: true });
    this.#peer = createRpcPeer({
      write: (bytes) => this.#write(bytes),
      queuedBytes: () => this.#child.stdin?.writableLength ?? 0,
      setTimer: (callback, delayMs) => {
        const timer = setTimeout(callback, delayMs);
        return () => clearTimeout(timer);
      },
      onCall: parts.onCall,
      onNotification: parts.onNotification,
      onUnasked: () => this.#countUnasked(),
      onBreach: (words) => this.kill({ type: 'breach', words }),
      limits: {
        maxHeaderBytes: MAX_FRAME_HEADER_BYTES,
        maxAttachmentBytes: MAX_FRAME_ATTACHMENT_BYTES,
        maxJsonDepth: MAX_JSON_DEPTH,
        maxIncomingCalls: MAX_INCOMING_CALLS,
        maxIncomingBytes: MAX_INCOMING_BYTES,
        maxQueuedBytes: MAX_QUEUED_BYTES,
      },
    });
    this.exited = new Promise((resolve) => this.#watchExit(resolve));
    this.#connect();
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get capabilities(): InitializeResult {
    if (this.#capabilities === undefined) throw new TypeError('There was no hand-shake yet.');
    return this.#capabilities;
  }

  get pendingCalls(): number {
    return this.#peer.pendingCalls;
  }

  async shakeHands(): Promise<void> {
    const { initialize, name } = this.#parts;
    try {
      const { result } = await this.call('initialize', initialize);
      if (result.contract_version !== initialize.contract_version) {
        throw new PluginError({
          plugin: name,
          code: 'plugin_contract',
          message: `The plugin ${name} speaks version ${result.contract_version} of the contract. Install another version of it.`,
        });
      }
      this.#capabilities = result;
    } catch (cause) {
      throw this.#explainStart(cause);
    }
    this.#timers.push(setInterval(() => this.#ping(this.#health.pingDeadlineMs), this.#health.pingEveryMs));
    for (const timer of this.#timers) timer.unref();
  }

  call<Name extends PluginCall>(
    name: Name,
    params: PluginParams<Name>,
    { deadlineMs = this.#deadlineOf(name), attachment, signal }: PluginCallOptions = {},
  ): Promise<PluginAnswer<Name>> {
    const options: CallOptions = {
      deadlineMs,
      ...(attachment === undefined ? {} : { attachment }),
      ...(signal === undefined ? {} : { signal }),
    };
    const { learn } = this.#parts;
    if (learn !== undefined && name !== 'response.decode') for (const data of credentialDataIn(params)) learn(data);
    return this.#peer.call(name, params as RpcParams, options).then(
      ({ result, attachment: answered }) => {
        if (learn !== undefined && name !== 'response.decode') for (const data of credentialDataIn(result)) learn(data);
        const [fault] = findSchemaFaults(PLUGIN_METHODS[name].result, result);
        if (fault === undefined) return { result: result as PluginResult<Name>, attachment: answered };
        throw this.#error('plugin_protocol', `answered ${name} oddly: ${fault.path} ${fault.message}`);
      },
      (cause: unknown) => {
        throw cause instanceof RpcError ? this.#explain(name, cause) : cause;
      },
    );
  }

  notify<Name extends PluginNotification>(name: Name, params: PluginParams<Name>): void {
    this.#peer.notify(name, params as RpcParams);
  }

  async stop(drainMs: number): Promise<void> {
    const until = this.#parts.now() + drainMs;
    while (this.#peer.pendingCalls > 0 && this.#parts.now() < until && !this.#isGone) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    if (!this.#isGone) {
      this.#reason ??= { type: 'stopped' };
      await this.call('shutdown', {}).catch(() => undefined);
      // It may end by itself now; what does not is ended.
      const timer = setTimeout(() => this.kill({ type: 'stopped' }), 500);
      await this.exited;
      clearTimeout(timer);
    }
    await this.exited;
  }

  kill(reason: ExitReason): void {
    if (this.#isGone) return;
    this.#reason ??= reason;
    // Nothing it says from now on counts.
    this.#child.stdout?.destroy();
    this.#child.kill('SIGKILL');
  }

  #deadlineOf(name: PluginCall): number {
    const { networkDeadlineMs } = this.#parts;
    return networkDeadlineMs !== undefined && MAY_USE_NETWORK.test(name)
      ? networkDeadlineMs
      : PLUGIN_METHODS[name].deadlineMs;
  }

  #watchExit(resolve: (reason: ExitReason) => void): void {
    const end = (reason: ExitReason): void => {
      if (this.#isGone) return;
      this.#isGone = true;
      for (const timer of this.#timers) clearInterval(timer);
      this.#peer.close(new RpcError(RPC_CODES.unavailable, 'The process is gone.', { code: 'gone' }));
      this.#child.stdin?.destroy();
      this.#child.stdout?.destroy();
      resolve(this.#reason ?? reason);
    };
    this.#child.on('error', (error) => {
      this.#lastWords.push(error.message);
      if (this.#child.pid === undefined) end({ type: 'crashed' });
    });
    this.#child.on('exit', (code, signal) =>
      end({
        type: 'crashed',
        ...(code === null ? {} : { code }),
        ...(signal === null ? {} : { signal }),
      }),
    );
  }

  #connect(): void {
    const { stdin, stdout, stderr } = this.#child;
    stdin?.on('drain', () => this.#peer.drained());
    // It has closed its end: its exit says more.
    stdin?.on('error', () => undefined);
    stdout?.on('error', () => undefined);
    stdout?.on('data', (chunk: Buffer) => this.#peer.receive(chunk));
    const lines = createLogLines({
      onLine: (line) => {
        this.#lastWords = [...this.#lastWords.slice(-9), line.slice(0, 300)];
        this.#parts.onLog(line);
      },
      now: this.#parts.now,
      maxPerSecond: MAX_LOG_LINES_PER_SECOND,
    });
    stderr?.on('error', () => undefined);
    stderr?.on('data', (chunk: Buffer) => lines.push(chunk));
    // From the first moment: a plugin may eat all there is before it has shaken hands.
    this.#timers.push(
      setInterval(() => this.#checkMemory(), this.#health.memoryEveryMs),
      setInterval(() => this.#nextSecond(lines.takeDropped()), 1000),
    );
  }

  #write(bytes: readonly Uint8Array[]): boolean {
    const { stdin } = this.#child;
    if (stdin === null || stdin.destroyed) return true;
    // What is asked in one turn leaves in one write.
    if (!this.#isCorked) {
      this.#isCorked = true;
      stdin.cork();
      process.nextTick(() => {
        this.#isCorked = false;
        stdin.uncork();
      });
    }
    let hasRoom = true;
    for (const part of bytes) hasRoom = stdin.write(part);
    return hasRoom;
  }

  #countUnasked(): void {
    // Its own writes stop when the pipe is full, so a flood costs the plugin and nobody else.
    if (++this.#unasked === this.#health.maxUnaskedPerSecond) this.#child.stdout?.pause();
  }

  #nextSecond(droppedLines: number): void {
    if (this.#unasked >= this.#health.maxUnaskedPerSecond) {
      this.#parts.onLog(`It asked ${this.#unasked} times in a second and was held up.`);
      this.#child.stdout?.resume();
    }
    this.#unasked = 0;
    if (droppedLines > 0) this.#parts.onLog(`${droppedLines} lines more were not kept.`);
  }

  #ping(deadlineMs: number): void {
    this.#peer.call('ping', {}, { deadlineMs }).then(
      () => {
        this.#isSuspected = false;
      },
      (error: unknown) => {
        this.#isSuspected = false;
        if (error instanceof RpcError && error.rpcCode === RPC_CODES.deadlineExceeded) this.kill({ type: 'hung' });
      },
    );
  }

  #checkMemory(): void {
    const { residentMb } = this.#parts.memory;
    const memory = readResidentMemory(this.pid);
    if (memory === undefined) return;
    const megabytes = Math.round(memory.bytes / 1024 / 1024);
    if (megabytes <= residentMb && memory.processes <= this.#health.maxProcesses) return;
    this.kill({ type: 'memory', residentMb: megabytes, processes: memory.processes });
  }

  #error(code: PluginErrorCode, what: string): PluginError {
    return new PluginError({
      plugin: this.#parts.name,
      code,
      message: `The plugin ${this.#parts.name} ${what}. Its log has more.`,
    });
  }

  #explain(method: string, error: RpcError): PluginError {
    const { name } = this.#parts;
    switch (error.rpcCode) {
      case RPC_CODES.deadlineExceeded:
        if (!this.#isSuspected && method !== 'ping') {
          this.#isSuspected = true;
          this.#ping(this.#health.suspectDeadlineMs);
        }
        return this.#error('plugin_timeout', `did not answer ${method} in time`);
      case RPC_CODES.cancelled:
        return this.#error('plugin_cancelled', `was not waited for`);
    }
    if (this.#reason?.type === 'breach')
      return this.#error('plugin_protocol', `broke the contract: ${this.#reason.words}`);
    if (this.#isGone || error.data.code === 'gone')
      return this.#error('plugin_crashed', `ended before it answered ${method}`);
    return new PluginError({
      plugin: name,
      code: 'plugin_failed',
      message: `The plugin ${name} could not do ${method}. Its log has more.`,
      ...(error.data.code === undefined ? {} : { pluginCode: error.data.code }),
      // Its own words may hold anything, so they stay in the cause, which only the log shows.
      cause: new RpcError(error.rpcCode, this.#parts.redact?.(error.message) ?? error.message, error.data),
    });
  }

  #explainStart(cause: unknown): unknown {
    if (!(cause instanceof PluginError) || cause.code === 'plugin_contract') return cause;
    const words = this.#lastWords.at(-1);
    return new PluginError({
      plugin: this.#parts.name,
      code: cause.pluginCode === 'contract_version' ? 'plugin_contract' : 'plugin_cannot_start',
      message: `The plugin ${this.#parts.name} did not start: ${cause.message}${words === undefined ? '' : ` It said: ${words}`}`,
      cause,
    });
  }
}

/** Where params and results of the contract carry what opens an upstream. */
function* credentialDataIn(value: unknown): Generator<unknown> {
  if (typeof value !== 'object' || value === null) return;
  if ('data' in value) yield value.data;
  if ('form' in value) yield value.form;
  if ('credential' in value) yield* credentialDataIn(value.credential);
  if ('candidates' in value && Array.isArray(value.candidates)) {
    for (const candidate of value.candidates) yield* credentialDataIn(candidate);
  }
}
