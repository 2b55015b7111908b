import { expect, test } from 'vitest';
import { createMeasure } from './measure.ts';
import { renderMarkdown } from './render-markdown.ts';
import type { Report } from './report.ts';

const report: Report = {
  date: '2026-11-24T00:00:00.000Z',
  node: '26.10.0',
  undici: '8.12.4',
  cpu: { model: 'A Processor', count: 2 },
  system: 'Linux 6',
  loadAtStart: 0.25,
  isQuick: false,
  seconds: 400.4,
  cells: [
    {
      name: 'json-1k',
      title: 'small ones',
      seconds: 9,
      measures: [
        createMeasure('node-floor', 'cpu_per_request_us', [80, 90, 100, 85, 95, 91]),
        createMeasure('proxycast', 'cpu_per_request_us', [120, 130]),
        createMeasure('proxycast', 'cpu_ratio', [1.5]),
      ],
    },
    { name: 'cold-start', title: 'starts', seconds: 0, measures: [] },
  ],
  bars: [
    { cell: 'json-1k', metric: 'cpu_ratio', limit: 1.7, value: 1.5, isMet: true },
    { cell: 'json-2m', metric: 'cpu_ratio', limit: 1.6, value: 1.64, isMet: false },
    { cell: 'cold-start', metric: 'start_to_answer_ms', limit: 600, isMet: false },
  ],
};

test('a report tells the machine, one table for each cell with its intervals, and the bars', () => {
  const lines = renderMarkdown(report)
    .split('\n')
    .map((line) => line.replaceAll(/ +/g, ' '));
  expect(lines).toContain('- 2026-11-24T00:00:00.000Z, 400 s');
  expect(lines).toContain('- Node 26.10.0, undici 8.12.4, without nginx');
  expect(lines).toContain('- 2 × A Processor, Linux 6, load 0.3 at the start');
  expect(lines).toContain('| | CPU µs/request | CPU × floor |');
  expect(lines).toContain('| node-floor | 90.5 (80.0–100.0) | |');
  expect(lines).toContain('| proxycast | 125.0 (120.0–130.0, 50 %) | 1.50 |');
  expect(lines).toContain('Not measured.');
  expect(lines).toContain('| json-1k | CPU × floor | ≤ 1.7 | 1.50 | met |');
  expect(lines).toContain('| json-2m | CPU × floor | ≤ 1.6 | 1.64 | **missed** |');
  expect(lines).toContain('| cold-start | start to first answer ms | ≤ 600 | | not measured |');
});

test('without bars there is no table of them', () => {
  expect(renderMarkdown({ ...report, bars: [] })).not.toContain('## Bars');
});
