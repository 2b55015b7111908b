import { createCpuCell } from './create-cpu-cell.ts';
import type { Work } from './create-job.ts';

const work: Work = {
  request: { bytes: 1024, messages: 3, tools: 0, isStream: false },
  answer: { type: 'json', bytes: 1024 },
  requests: 2000,
  connections: 16,
};

export const JSON_1K = createCpuCell({
  name: 'json-1k',
  title: '1 KB request, 1 KB JSON answer, 16 connections',
  bars: [{ metric: 'cpu_ratio', limit: 1.7 }],
  full: { work, slices: 16, budgetMs: 35_000 },
  quick: { work: { ...work, requests: 1000 }, slices: 5, budgetMs: 5000 },
});
