import { createCpuCell } from './create-cpu-cell.ts';
import type { Work } from './create-job.ts';

const work: Work = {
  request: { dialect: 'anthropic', bytes: 1024, messages: 3, tools: 0, isStream: false },
  answer: { type: 'json', bytes: 1024 },
  requests: 2000,
  connections: 16,
};

export const JSON_1K_CONVERT = createCpuCell({
  name: 'json-1k-convert',
  title: '1 KB Messages request of an Anthropic client, 1 KB JSON answer of an OpenAI upstream, 16 connections',
  bars: [{ metric: 'cpu_ratio', limit: 3 }],
  full: { work, slices: 20, budgetMs: 35_000 },
  quick: { work: { ...work, requests: 1000 }, slices: 5, budgetMs: 6000 },
});
