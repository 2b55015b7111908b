import { mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type PluginProcess, startPluginProcess } from '../process/plugin-process.ts';
import { buildPlugin } from '../testing/build-plugin.ts';
import { ATTACKS } from '../testing/hostile/attacks.ts';
import { createHostileTargets } from '../testing/hostile/hostile-targets.ts';
import { NO_OUTER, outerHere, sampleCredential } from '../testing/plugin-bed.ts';
import { sampleManifest } from '../testing/sample-manifest.ts';
import { createLaunchPlan, DEFAULT_MEMORY } from './launch-plan.ts';
import type { OuterBoundary } from './outer-boundary.ts';

/**
 * Which wall holds an attack by itself. `runtime`: the flags of Node alone. `outer`: the system's wall alone. Where one is
 * open the other has to hold. What neither is for (threads, an add-on of the system) harms nobody but the plugin.
 */
const HELD_BY: Readonly<Record<string, { readonly runtime: boolean; readonly outer: boolean }>> = {
  'read a file of the home folder': { runtime: true, outer: true },
  'list the home folder': { runtime: true, outer: true },
  'read another plugin’s data': { runtime: true, outer: true },
  'read the host’s database as a file': { runtime: true, outer: true },
  'read the host’s database by node:sqlite': { runtime: true, outer: true },
  'write a file by node:sqlite': { runtime: true, outer: true },
  'read by a link inside its folder': { runtime: false, outer: true },
  'read the host’s environment from /proc': { runtime: true, outer: true },
  'read the host’s environment from its own': { runtime: true, outer: true },
  'see other processes in /proc': { runtime: true, outer: true },
  'write a file': { runtime: true, outer: true },
  'write a diagnostic report': { runtime: true, outer: true },
  'write a heap snapshot': { runtime: true, outer: true },
  'connect by TCP': { runtime: true, outer: true },
  'connect by fetch': { runtime: true, outer: true },
  'listen on a port': { runtime: true, outer: false },
  'send by UDP': { runtime: true, outer: true },
  'ask a name server': { runtime: true, outer: true },
  'connect to a Unix socket': { runtime: true, outer: true },
  'start a program': { runtime: true, outer: false },
  'start a program that reads the home folder': { runtime: true, outer: true },
  'start a thread': { runtime: true, outer: false },
  'signal the host': { runtime: false, outer: true },
  'load an add-on': { runtime: true, outer: false },
  'open the inspector': { runtime: true, outer: false },
  'use internal bindings': { runtime: true, outer: true },
  'reach out by WASI': { runtime: true, outer: true },
};

/** Without both walls, so that an attack that could never work is not taken for one that was held. */
const WALLS = {
  none: { outer: false, runtime: false },
  runtime: { outer: false, runtime: true },
  outer: { outer: true, runtime: false },
  both: { outer: true, runtime: true },
} as const;

const home = await realpath(await mkdtemp(join(tmpdir(), 'proxycast-hostile-')));
const targets = await createHostileTargets(home);
const plugin = await buildPlugin(new URL('../testing/hostile/hostile-plugin.ts', import.meta.url), sampleManifest());
// The loader and every start refuse links; here one is there all the same, to see what the walls do about it.
await symlink(targets.targets.homeFile, join(plugin.folder, 'link-out'));
const outer = await outerHere();

afterAll(async () => {
  await plugin[Symbol.asyncDispose]();
  await targets[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

async function startBehind(wall: keyof typeof WALLS): Promise<PluginProcess & AsyncDisposable> {
  const chosen: OuterBoundary = WALLS[wall].outer ? outer : NO_OUTER;
  const running = await startPluginProcess({
    name: 'hostile',
    plan: createLaunchPlan({
      folder: plugin.folder,
      entry: 'bin/backend.js',
      runtime: 'node',
      node: process.execPath,
      outer: chosen,
      memory: DEFAULT_MEMORY,
      withoutRuntimeBoundary: !WALLS[wall].runtime,
      withSqlite: !WALLS[wall].runtime,
    }),
    memory: { heapMb: 256, residentMb: 1024 },
    initialize: {
      contract_version: 1,
      host_version: '1.0.0',
      locale: 'en',
      settings: { targets: JSON.stringify(targets.targets) },
      platform: process.platform,
    },
    onCall: () => ({ result: {} }),
    onNotification: () => undefined,
    onLog: () => undefined,
    now: Date.now,
  });
  return Object.assign(running, {
    async [Symbol.asyncDispose]() {
      running.kill({ type: 'stopped' });
      await running.exited;
    },
  });
}

async function attempt(
  process: PluginProcess,
  attack: string,
): Promise<{ readonly code: string; readonly why: string }> {
  const { result } = await process.call('request.prepare', {
    stream_id: 's',
    request_id: 'r',
    operation: 'chat',
    protocol: 'openai',
    model: attack,
    is_stream: false,
    credential: sampleCredential,
    session_id: 'x',
    attempt: 1,
  });
  return result.type === 'refused' ? { code: result.code, why: result.message } : { code: 'odd', why: '' };
}

test('every attack is in the table', () => {
  expect(Object.keys(HELD_BY).sort()).toEqual(Object.keys(ATTACKS).sort());
});

test('this system has an outer boundary, or says why not', () => {
  expect(outer.type === 'bubblewrap' || outer.why.length > 20).toBe(true);
});

describe.each(Object.keys(WALLS) as (keyof typeof WALLS)[])('walls: %s', (wall) => {
  const isMissing = WALLS[wall].outer && outer.type === 'none';

  test('what each attack gets', async (context) => {
    if (isMissing) context.skip(`no outer boundary here: ${outer.type === 'none' ? outer.why : ''}`);
    await using process = await startBehind(wall);
    const seen: Record<string, string> = {};
    const expected: Record<string, string> = {};
    for (const [attack, held] of Object.entries(HELD_BY)) {
      const { code, why } = await attempt(process, attack);
      const isHeld = (WALLS[wall].runtime && held.runtime) || (WALLS[wall].outer && held.outer);
      // Of the host's environment nothing is given along, whatever wall there is.
      const isAlwaysHeld = attack === 'read the host’s environment from its own';
      seen[attack] = code === 'could' ? 'could' : `held: ${why}`;
      expected[attack] = isHeld || isAlwaysHeld ? (seen[attack]?.replace('could', 'was not held') ?? '') : 'could';
    }
    expect(seen).toEqual(expected);
  });
});
