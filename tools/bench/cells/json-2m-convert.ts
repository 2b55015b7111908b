import { createCpuCell } from './create-cpu-cell.ts';
import type { Work } from './create-job.ts';

const work: Work = {
  request: { dialect: 'anthropic', bytes: 2_000_000, messages: 401, tools: 25, isStream: false },
  answer: { type: 'json', bytes: 1024 },
  requests: 40,
  connections: 4,
};

export const JSON_2M_CONVERT = createCpuCell({
  name: 'json-2m-convert',
  title: '2 MB Messages request of 401 turns with tool calls, 1 KB JSON answer of an OpenAI upstream, 4 connections',
  bars: [{ metric: 'cpu_ratio', limit: 5 }],
  full: { work, slices: 10, budgetMs: 40_000 },
  quick: { work: { ...work, requests: 20 }, slices: 3, budgetMs: 6000 },
  warmUp: work,
});
