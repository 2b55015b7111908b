import type { Verdict } from './judge-bars.ts';
import { METRICS, type Measure, type MetricId } from './measure.ts';
import type { Report } from './report.ts';

const ENOUGH_COVERAGE = 0.95;

export function renderMarkdown(report: Report): string {
  const { date, node, undici, nginx, cpu, system, loadAtStart, isQuick, seconds } = report;
  const about = [
    `${date}, ${isQuick ? 'quick (smaller cells, rough figures), ' : ''}${seconds.toFixed(0)} s`,
    `Node ${node}, undici ${undici}, ${nginx ?? 'without nginx'}`,
    `${cpu.count} × ${cpu.model}, ${system}, load ${loadAtStart.toFixed(1)} at the start`,
  ];
  const sections = [
    '# Benchmark',
    about.map((line) => `- ${line}`).join('\n'),
    'Medians of alternating slices, in parentheses the 95 % interval by order statistics (with few slices the whole range, and how often such a range holds the median). CPU is the scheduler’s, of all threads and descendants, until the same target’s next slice.',
    ...report.cells.map(({ name, title, measures }) => `## ${name}\n\n${title}\n\n${renderMeasures(measures)}`),
    ...(report.bars.length === 0 ? [] : [`## Bars\n\n${renderBars(report.bars)}`]),
  ];
  return `${sections.join('\n\n')}\n`;
}

function renderMeasures(measures: readonly Measure[]): string {
  if (measures.length === 0) return 'Not measured.';
  const targets = [...new Set(measures.map(({ target }) => target))];
  const metrics = [...new Set(measures.map(({ metric }) => metric))];
  const find = (target: string, metric: MetricId): Measure | undefined =>
    measures.find((one) => one.target === target && one.metric === metric);
  return renderTable(
    ['', ...metrics.map((metric) => METRICS[metric].heading)],
    targets.map((target) => [target, ...metrics.map((metric) => renderMeasure(find(target, metric)))]),
  );
}

function renderMeasure(measure: Measure | undefined): string {
  if (measure === undefined) return '';
  const { digits } = METRICS[measure.metric];
  const value = measure.value.toFixed(digits);
  if (measure.low === measure.high) return value;
  const share = measure.coverage < ENOUGH_COVERAGE ? `, ${(measure.coverage * 100).toFixed(0)} %` : '';
  return `${value} (${measure.low.toFixed(digits)}–${measure.high.toFixed(digits)}${share})`;
}

function renderBars(bars: readonly Verdict[]): string {
  return renderTable(
    ['cell', 'figure', 'bar', 'proxycast', ''],
    bars.map(({ cell, metric, limit, value, isMet }) => {
      const { heading, digits } = METRICS[metric];
      const verdict = value === undefined ? 'not measured' : isMet ? 'met' : '**missed**';
      return [cell, heading, `≤ ${limit}`, value?.toFixed(digits) ?? '', verdict];
    }),
  );
}

function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((text, at) => Math.max(text.length, ...rows.map((row) => row[at]?.length ?? 0), 3));
  const renderRow = (cells: readonly string[]): string =>
    `| ${widths.map((width, at) => (at === 0 ? (cells[at] ?? '').padEnd(width) : (cells[at] ?? '').padStart(width))).join(' | ')} |`;
  const line = `| ${widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [renderRow(head), line, ...rows.map(renderRow)].join('\n');
}
