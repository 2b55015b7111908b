import { PluginError } from '@proxycast/spec';
import { createFakeClock } from '@proxycast/testkit';
import { expect, test } from 'vitest';
import type { ExitReason } from './exit-reason.ts';
import type { PluginProcess } from './plugin-process.ts';
import { createPluginSupervisor, restMs, type SupervisorState } from './plugin-supervisor.ts';

const CAPABILITIES = { contract_version: 1, methods: [] };

/** A supervisor over processes that do as a test says. */
function createBed(outcomes: readonly (PluginError | 'runs')[] = []) {
  const clock = createFakeClock();
  const queue = [...outcomes];
  const exits: ((reason: ExitReason) => void)[] = [];
  const states: string[] = [];
  let starts = 0;
  const stopped: number[] = [];
  const supervisor = createPluginSupervisor({
    name: 'sample',
    now: clock.now,
    random: () => 0.5,
    setTimer(callback, delayMs) {
      const timer = clock.setTimeout(callback, delayMs);
      return () => clock.clearTimeout(timer);
    },
    onState: ({ type }: SupervisorState) => void states.push(type),
    async start() {
      starts++;
      const outcome = queue.shift() ?? 'runs';
      if (outcome !== 'runs') throw outcome;
      let end: (reason: ExitReason) => void = () => undefined;
      const exited = new Promise<ExitReason>((resolve) => {
        end = resolve;
      });
      exits.push(end);
      const process: PluginProcess = {
        pid: starts,
        capabilities: CAPABILITIES,
        exited,
        pendingCalls: 0,
        call: async () => {
          throw new PluginError({ plugin: 'sample', code: 'plugin_failed', message: `process ${process.pid}` });
        },
        notify: () => undefined,
        kill: end,
        async stop(drainMs) {
          stopped.push(drainMs);
          end({ type: 'stopped' });
        },
      };
      return process;
    },
  });
  return {
    clock,
    supervisor,
    states,
    stopped,
    get starts() {
      return starts;
    },
    async crash() {
      exits.at(-1)?.({ type: 'crashed', code: 1 });
      await clock.advanceAsync(0);
    },
    call: () =>
      supervisor.call('ping', {}).then(
        () => 'answered',
        (error: PluginError) => `${error.code}: ${error.message}`,
      ),
  };
}

test('it starts, runs, drains and stops', async () => {
  const bed = createBed();
  expect(await bed.call()).toContain('plugin_not_running');
  await bed.supervisor.start();
  expect(await bed.call()).toContain('process 1');
  await bed.supervisor.stop(1234);
  expect(bed.states).toEqual(['starting', 'running', 'draining', 'stopped']);
  expect(bed.stopped).toEqual([1234]);
  expect(bed.clock.pending).toBe(0);
});

test('a crash is followed by a rest that grows, and calls fail at once meanwhile', async () => {
  const bed = createBed();
  await bed.supervisor.start();
  const rests: number[] = [];
  for (let crash = 1; crash <= 12; crash++) {
    await bed.crash();
    const { state } = bed.supervisor;
    if (state.type !== 'resting') throw new Error(`It is ${state.type}.`);
    rests.push(state.until - bed.clock.now());
    expect(await bed.call()).toContain('rests after an end of its own (it ended with code 1)');
    await bed.clock.advanceAsync(state.until - bed.clock.now());
    expect(bed.supervisor.state.type).toBe('running');
  }
  expect(rests.slice(0, 5)).toEqual([200, 400, 800, 1600, 3200]);
  expect(Math.max(...rests)).toBe(60_000);
  expect(bed.supervisor.crashes).toBe(12);
});

test('a process that has proven itself begins anew', async () => {
  const bed = createBed();
  await bed.supervisor.start();
  for (let round = 0; round < 3; round++) {
    await bed.crash();
    await bed.clock.advanceAsync(300);
    await bed.clock.advanceAsync(61_000);
    expect(bed.supervisor.state.type).toBe('running');
  }
  await bed.crash();
  expect(bed.supervisor.state).toMatchObject({ type: 'resting', crashes: 1 });
});

test('what does not come up rests; what cannot come up stays down until a person starts it', async () => {
  const fault = (code: 'plugin_cannot_start' | 'plugin_changed'): PluginError =>
    new PluginError({ plugin: 'sample', code, message: code });
  const bed = createBed([fault('plugin_cannot_start'), fault('plugin_changed')]);
  await bed.supervisor.start();
  expect(bed.supervisor.state).toMatchObject({ type: 'resting', why: 'plugin_cannot_start' });
  await bed.clock.advanceAsync(200);
  expect(bed.supervisor.state.type).toBe('failed');
  await bed.clock.advanceAsync(600_000);
  expect(bed.starts).toBe(2);
  expect(await bed.call()).toContain('plugin_changed');
  await bed.supervisor.start();
  expect(bed.supervisor.state.type).toBe('running');
});

test('calls wait for a start, not for a rest', async () => {
  const bed = createBed();
  const starting = bed.supervisor.start();
  expect(await bed.call()).toContain('process 1');
  await starting;
});

test('a start that ends after the stop leaves nothing running', async () => {
  const bed = createBed();
  const starting = bed.supervisor.start();
  await bed.supervisor.stop();
  await starting;
  expect(bed.supervisor.state.type).toBe('stopped');
  expect(bed.clock.pending).toBe(0);
});

test('a thousand crashes leave no timer, no process and no list behind', async () => {
  const bed = createBed();
  await bed.supervisor.start();
  for (let crash = 0; crash < 1000; crash++) {
    await bed.crash();
    await bed.clock.advanceAsync(72_000);
    expect(bed.supervisor.state.type).toBe('running');
  }
  expect(bed.supervisor.crashes).toBe(1000);
  await bed.supervisor.stop();
  expect(bed.clock.pending).toBe(0);
});

test('the rest is bounded for any count', () => {
  expect([0, 1, 2, 9, 10, 5000].map(restMs)).toEqual([200, 200, 400, 51_200, 60_000, 60_000]);
});
