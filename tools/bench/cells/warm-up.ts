import { renderRequest } from '../load/render-request.ts';
import type { Dialect } from '../load/request-shape.ts';
import type { Target } from '../targets/target.ts';
import type { Bench } from './cell.ts';
import { isConverted, type Work } from './create-job.ts';
import { explainLostParts } from './explain-lost-parts.ts';
import { runWork } from './run-work.ts';

// What the engines compile only after thousands of calls, and no slice should pay for: a gateway that runs for days has
// compiled it in its first minute.
const WARM_UP: readonly Work[] = [
  {
    request: { bytes: 1024, messages: 3, tools: 0, isStream: false },
    answer: { type: 'json', bytes: 1024 },
    requests: 15_000,
    connections: 16,
  },
  {
    request: { bytes: 2000, messages: 3, tools: 0, isStream: true },
    answer: { type: 'stream', chunks: 100, intervalMs: 2 },
    requests: 50,
    connections: 50,
  },
];

export interface WarmUpParts {
  /** Of what every cell does; absent: `openai`. */
  readonly dialect?: Dialect;
  /** What the cell wants done beside it. */
  readonly own?: readonly Work[];
}

/** Throws, too, when a request that a target has to convert does not arrive with all its parts. */
export async function warmUp(
  bench: Bench,
  targets: readonly Target[],
  { dialect = 'openai', own = [] }: WarmUpParts = {},
): Promise<void> {
  const common = WARM_UP.map((work) => ({ ...work, request: { ...work.request, dialect } }));
  for (const target of targets) {
    for (const work of [...common, ...own]) {
      await runWork(bench, target, work);
      if (isConverted(target, work.request)) await checkConversion(bench, target, work);
    }
  }
}

async function checkConversion({ upstream }: Bench, { name }: Target, { request }: Work): Promise<void> {
  const fault = explainLostParts(renderRequest(request), await upstream.readLastRequest());
  if (fault !== undefined) throw new Error(`${name}: ${fault}`);
}
