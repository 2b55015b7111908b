import { type EpochMs, PluginError } from '@proxycast/spec';
import {
  type InitializeResult,
  PLUGIN_METHODS,
  type PluginCall,
  type PluginNotification,
  type PluginParams,
} from '@proxycast/spec/plugin';
import { type ExitReason, renderExitReason } from './exit-reason.ts';
import type { PluginAnswer, PluginCallOptions, PluginProcess } from './plugin-process.ts';

/** What a plugin's process is doing. */
export type SupervisorState =
  | { readonly type: 'stopped' }
  | { readonly type: 'starting' }
  | { readonly type: 'running'; readonly since: EpochMs; readonly capabilities: InitializeResult }
  /** It ended by itself, and is started again at `until`. `crashes`: in a row. */
  | { readonly type: 'resting'; readonly until: EpochMs; readonly crashes: number; readonly why: string }
  | { readonly type: 'draining' }
  /** It cannot be started as it is: a file was changed, the contract is another. A person has to do something. */
  | { readonly type: 'failed'; readonly error: PluginError };

export interface PluginSupervisorParts {
  readonly name: string;
  /** Verifies, launches and shakes hands. Throws PluginError. */
  readonly start: () => Promise<PluginProcess>;
  readonly now: () => EpochMs;
  readonly setTimer: (callback: () => void, delayMs: number) => () => void;
  /** From 0 to 1: so that plugins that died together do not start together. */
  readonly random: () => number;
  readonly onState: (state: SupervisorState) => void;
  /** Every end of a process, also the one it was asked for. */
  readonly onExit?: (reason: ExitReason) => void;
}

/** Keeps one process of a plugin alive. */
export interface PluginSupervisor {
  readonly state: SupervisorState;
  /** Ends of processes that nobody asked for, since it was made. */
  readonly crashes: number;
  /** Settles when it runs or has failed to; never rejects. A failed or resting one is tried at once. */
  start(): Promise<SupervisorState>;
  /**
   * Calls the plugin. While it starts, waits for it within the deadline; while it rests, fails at once, so that the request
   * goes elsewhere. Throws PluginError.
   */
  call<Name extends PluginCall>(
    name: Name,
    params: PluginParams<Name>,
    options?: PluginCallOptions,
  ): Promise<PluginAnswer<Name>>;
  /** Does nothing when it is not running. */
  notify<Name extends PluginNotification>(name: Name, params: PluginParams<Name>): void;
  /** No new calls; running ones may end within `drainMs`. */
  stop(drainMs?: number): Promise<void>;
}

const FIRST_REST_MS = 200;
const LONGEST_REST_MS = 60_000;
/** A process that has run so long has not crashed in a row. */
const PROVEN_MS = 60_000;
const DEFAULT_DRAIN_MS = 10_000;

/** How long a plugin rests after so many crashes in a row, before chance is added. */
export const restMs = (crashes: number): number =>
  Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** Math.min(Math.max(crashes, 1) - 1, 20));

/** Codes that another try does not change. */
const FINAL_CODES: readonly string[] = [
  'plugin_changed',
  'plugin_contract',
  'plugin_manifest_invalid',
  'plugin_not_trusted',
];

export function createPluginSupervisor(parts: PluginSupervisorParts): PluginSupervisor {
  const { name, now, setTimer, random, onState, onExit } = parts;
  let state: SupervisorState = { type: 'stopped' };
  let current: PluginProcess | undefined;
  let starting: Promise<SupervisorState> | undefined;
  let crashesInARow = 0;
  let crashes = 0;
  let cancelRest: (() => void) | undefined;
  /** Rises at each stop: what an older start brings is ended. */
  let generation = 0;

  function enter(next: SupervisorState): SupervisorState {
    state = next;
    onState(next);
    return next;
  }

  async function startNow(): Promise<SupervisorState> {
    cancelRest?.();
    const mine = generation;
    enter({ type: 'starting' });
    try {
      const process = await parts.start();
      if (mine !== generation) {
        process.kill({ type: 'stopped' });
        return state;
      }
      return run(process);
    } catch (cause) {
      if (mine !== generation) return state;
      const error =
        cause instanceof PluginError
          ? cause
          : new PluginError({
              plugin: name,
              code: 'plugin_cannot_start',
              message: `The plugin ${name} did not start.`,
              cause,
            });
      return FINAL_CODES.includes(error.code) ? enter({ type: 'failed', error }) : rest(error.message);
    }
  }

  function run(process: PluginProcess): SupervisorState {
    current = process;
    const since = now();
    process.exited.then(
      (reason) => {
        onExit?.(reason);
        if (current !== process) return;
        current = undefined;
        if (state.type !== 'running') return;
        if (now() - since >= PROVEN_MS) crashesInARow = 0;
        rest(renderExitReason(reason));
      },
      () => undefined,
    );
    return enter({ type: 'running', since, capabilities: process.capabilities });
  }

  function rest(why: string): SupervisorState {
    crashesInARow++;
    crashes++;
    const delayMs = Math.round(restMs(crashesInARow) * (0.8 + 0.4 * random()));
    cancelRest = setTimer(() => {
      cancelRest = undefined;
      void start();
    }, delayMs);
    return enter({ type: 'resting', until: now() + delayMs, crashes: crashesInARow, why });
  }

  function start(): Promise<SupervisorState> {
    if (state.type === 'running') return Promise.resolve(state);
    starting ??= startNow().finally(() => {
      starting = undefined;
    });
    return starting;
  }

  function notRunning(): PluginError {
    switch (state.type) {
      case 'failed':
        return state.error;
      case 'resting':
        return new PluginError({
          plugin: name,
          code: 'plugin_not_running',
          message: `The plugin ${name} rests after an end of its own (${state.why}) and is started again.`,
          retryAfterMs: Math.max(0, state.until - now()),
        });
      default:
        return new PluginError({
          plugin: name,
          code: 'plugin_not_running',
          message: `The plugin ${name} is not running. Enable it.`,
        });
    }
  }

  async function untilRunning(deadlineMs: number, signal: AbortSignal | undefined): Promise<PluginProcess> {
    if (state.type === 'running' && current !== undefined) return current;
    if (starting === undefined || signal?.aborted === true) throw notRunning();
    let cancel: () => void = () => undefined;
    const tooLate = new Promise<'late'>((resolve) => {
      cancel = setTimer(() => resolve('late'), deadlineMs);
      signal?.addEventListener('abort', () => resolve('late'), { once: true });
    });
    try {
      const outcome = await Promise.race([starting, tooLate]);
      if (outcome !== 'late' && outcome.type === 'running' && current !== undefined) return current;
    } finally {
      cancel();
    }
    throw notRunning();
  }

  return {
    get state() {
      return state;
    },
    get crashes() {
      return crashes;
    },
    start,
    // Streams call it thousands of times a second: while it runs nothing is awaited here.
    call(method, params, options = {}) {
      if (state.type === 'running' && current !== undefined) return current.call(method, params, options);
      const { deadlineMs = PLUGIN_METHODS[method].deadlineMs, signal } = options;
      return untilRunning(deadlineMs, signal).then((process) => process.call(method, params, options));
    },
    notify(method, params) {
      if (state.type === 'running') current?.notify(method, params);
    },
    async stop(drainMs = DEFAULT_DRAIN_MS) {
      generation++;
      cancelRest?.();
      cancelRest = undefined;
      crashesInARow = 0;
      const process = current;
      if (process !== undefined) {
        enter({ type: 'draining' });
        await process.stop(drainMs);
        current = undefined;
      }
      await starting;
      if (state.type !== 'stopped') enter({ type: 'stopped' });
    },
  };
}
