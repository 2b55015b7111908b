import { createCpuCell } from './create-cpu-cell.ts';
import type { Work } from './create-job.ts';

const work: Work = {
  request: { dialect: 'anthropic', bytes: 150_000, messages: 135, tools: 25, isStream: true },
  answer: { type: 'stream', chunks: 300, intervalMs: 10 },
  requests: 100,
  connections: 100,
};

export const STREAM_150K_300_CONVERT = createCpuCell({
  name: 'stream-150k-300-convert',
  title:
    '150 KB Messages request with tool calls, OpenAI stream of 300 chunks 10 ms apart, 100 at a time (CPU of the whole request, per chunk)',
  bars: [{ metric: 'cpu_ratio', limit: 1.7 }],
  full: { work, slices: 7, budgetMs: 80_000 },
  quick: {
    work: { ...work, answer: { type: 'stream', chunks: 300, intervalMs: 4 }, requests: 50, connections: 50 },
    slices: 2,
    budgetMs: 12_000,
  },
  warmUp: {
    request: { ...work.request, isStream: false },
    answer: { type: 'json', bytes: 1024 },
    requests: 200,
    connections: 10,
  },
});
