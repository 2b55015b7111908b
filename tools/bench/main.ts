// `npm run bench`: ProxyCast beside a bare Node proxy and nginx, in one run. See README.md.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Bench } from './cells/cell.ts';
import { CELLS } from './cells/cell-list.ts';
import { describeMachine } from './describe-machine.ts';
import { startLoad } from './load/start-load.ts';
import { type Arguments, parseArguments, USAGE } from './parse-arguments.ts';
import { createRunEnvironment, type RunEnvironment } from './process/create-run-environment.ts';
import { renderMarkdown } from './report/render-markdown.ts';
import type { Report } from './report/report.ts';
import { runCells } from './run-cells.ts';
import { createDirectKind } from './targets/direct.ts';
import { createNginxKind, findNginx } from './targets/nginx.ts';
import { createNodeFloorKind } from './targets/node-floor.ts';
import { createPeerKind } from './targets/peer.ts';
import { createProxyCast, isProxyCastBuilt } from './targets/proxycast.ts';
import { DIRECT, NGINX, NODE_FLOOR, PROXYCAST } from './targets/target.ts';
import { startUpstream } from './upstream/start-upstream.ts';

/** A run that hangs ends after this; one that goes well takes some twelve minutes, quick some three. */
const LIMIT_MS = 20 * 60_000;
const QUICK_LIMIT_MS = 6 * 60_000;

const tell = (line: string): void => void process.stderr.write(`${line}\n`);
const parsed = parseArguments(process.argv.slice(2), {
  cells: CELLS.map(({ name }) => name),
  targets: [PROXYCAST, NGINX],
  taken: [NODE_FLOOR, PROXYCAST, NGINX, DIRECT],
});
switch (parsed.type) {
  case 'help':
    console.log(USAGE);
    break;
  case 'wrong':
    for (const fault of parsed.faults) tell(fault);
    tell(`\n${USAGE}`);
    process.exitCode = 2;
    break;
  case 'run':
    await runGuarded(parsed.arguments);
}

/** Whatever ends the run, nothing that it started or made is left. */
async function runGuarded(given: Arguments): Promise<void> {
  const fault = explainWhyNot(given);
  if (fault !== undefined) {
    tell(fault);
    process.exitCode = 2;
    return;
  }
  const environment = createRunEnvironment();
  process.on('exit', environment.disposeNow);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));
  const timer = setTimeout(
    () => {
      tell('The run did not end in time.');
      process.exit(1);
    },
    given.isQuick ? QUICK_LIMIT_MS : LIMIT_MS,
  );
  try {
    const report = await run(given, environment);
    const markdown = renderMarkdown(report);
    console.log(markdown);
    tell(`Written to ${writeReport(given, report, markdown)}.`);
    if (given.isCheck && report.bars.some(({ isMet }) => !isMet)) process.exitCode = 1;
  } catch (cause) {
    tell(cause instanceof Error ? cause.message : 'The run failed.');
    process.exitCode = 1;
  } finally {
    clearTimeout(timer);
    await environment.dispose();
  }
}

function explainWhyNot({ without, isCheck }: Arguments): string | undefined {
  if (process.platform !== 'linux') return 'The benchmark reads CPU and memory from /proc, so it runs on Linux only.';
  if (isCheck && without.includes(PROXYCAST)) return `--check judges ${PROXYCAST}, so it cannot be left out.`;
  if (without.includes(PROXYCAST) || isProxyCastBuilt()) return undefined;
  return `ProxyCast is not built. Build it with: npm run build\nOr measure without it: --without ${PROXYCAST}`;
}

async function run(given: Arguments, environment: RunEnvironment): Promise<Report> {
  const startedAt = performance.now();
  const nginx = given.without.includes(NGINX) ? undefined : findNginx();
  if (nginx === undefined && !given.without.includes(NGINX)) {
    tell('nginx is not installed, so it is left out. On Debian: apt-get install nginx');
  }
  const machine = describeMachine(nginx);
  const upstream = await startUpstream(environment, given.upstreamPort);
  const load = await startLoad(environment);
  const watcher = await startLoad(environment);
  const proxycast = given.without.includes(PROXYCAST) ? undefined : createProxyCast(environment);
  const bench: Bench = {
    isQuick: given.isQuick,
    ...(given.slices === undefined ? {} : { slices: given.slices }),
    upstream,
    load,
    watcher,
    direct: createDirectKind(upstream),
    ...(proxycast === undefined ? {} : { proxycast }),
    kinds: [
      createNodeFloorKind(environment, upstream),
      ...(proxycast === undefined ? [] : [proxycast.kind(upstream)]),
      ...(nginx === undefined ? [] : [createNginxKind(environment, upstream, nginx)]),
      ...given.peers.map(createPeerKind),
    ],
  };
  const cells = CELLS.filter(({ name }) => given.cells?.includes(name) ?? true);
  const found = await runCells(cells, bench, tell);
  return {
    date: new Date().toISOString(),
    ...machine,
    isQuick: given.isQuick,
    seconds: (performance.now() - startedAt) / 1000,
    ...found,
  };
}

/** Answers the path of the Markdown file; the JSON file is beside it. */
function writeReport({ out }: Arguments, report: Report, markdown: string): string {
  const folder = resolve(out ?? join(import.meta.dirname, 'results'));
  mkdirSync(folder, { recursive: true });
  const path = join(folder, report.date.replaceAll(':', '-').replace(/\.\d+Z$/, 'Z'));
  writeFileSync(`${path}.json`, `${JSON.stringify(report, undefined, 2)}\n`);
  writeFileSync(`${path}.md`, markdown);
  return `${path}.md`;
}
