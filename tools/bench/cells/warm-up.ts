import type { Target } from '../targets/target.ts';
import type { Bench } from './cell.ts';
import type { Work } from './create-job.ts';
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

export async function warmUp(bench: Bench, targets: readonly Target[], own: readonly Work[] = []): Promise<void> {
  for (const target of targets) for (const work of [...WARM_UP, ...own]) await runWork(bench, target, work);
}
