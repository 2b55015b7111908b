import { createCpuCell } from './create-cpu-cell.ts';
import type { Work } from './create-job.ts';

const work: Work = {
  request: { bytes: 2_000_000, messages: 400, tools: 0, isStream: false },
  answer: { type: 'json', bytes: 1024 },
  requests: 40,
  connections: 4,
};

export const JSON_2M = createCpuCell({
  name: 'json-2m',
  title: '2 MB request of 400 messages of text, 1 KB JSON answer, 4 connections',
  bars: [{ metric: 'cpu_ratio', limit: 1.6 }],
  full: { work, slices: 12, budgetMs: 30_000 },
  quick: { work: { ...work, requests: 20 }, slices: 3, budgetMs: 5000 },
  warmUp: work,
});
