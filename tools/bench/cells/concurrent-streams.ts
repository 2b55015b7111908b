import type { Dialect } from '../load/request-shape.ts';
import type { Bar, Cell } from './cell.ts';
import { createCpuCell, type Extent } from './create-cpu-cell.ts';

// Rates an idle core of a small machine can carry, so that chunks are not joined on the way and each costs what it costs.
export const STREAMS_100 = createStreamsCell({
  count: 100,
  bars: [],
  full: { chunks: 300, intervalMs: 10, slices: 6, budgetMs: 65_000 },
  quick: { chunks: 100, intervalMs: 10, slices: 2, budgetMs: 6000 },
});
export const STREAMS_500 = createStreamsCell({
  count: 500,
  bars: [],
  full: { chunks: 120, intervalMs: 30, slices: 4, budgetMs: 50_000 },
  quick: { chunks: 30, intervalMs: 30, slices: 2, budgetMs: 7000 },
});
export const STREAMS_1000 = createStreamsCell({
  count: 1000,
  bars: [
    { metric: 'cpu_ratio', limit: 1.35 },
    { metric: 'peak_rss_mb', limit: 350 },
  ],
  full: { chunks: 120, intervalMs: 60, slices: 5, budgetMs: 110_000 },
  quick: { chunks: 20, intervalMs: 60, slices: 2, budgetMs: 10_000 },
});

export const STREAMS_1000_CONVERT = createStreamsCell({
  count: 1000,
  dialect: 'anthropic',
  bars: [{ metric: 'cpu_ratio', limit: 1.6 }],
  full: { chunks: 120, intervalMs: 60, slices: 4, budgetMs: 90_000 },
  quick: { chunks: 20, intervalMs: 60, slices: 2, budgetMs: 10_000 },
});

interface StreamsExtent extends Omit<Extent, 'work'> {
  readonly chunks: number;
  readonly intervalMs: number;
}

function createStreamsCell(parts: {
  readonly count: number;
  /** Absent: the upstream's. */
  readonly dialect?: Dialect;
  readonly bars: readonly Bar[];
  readonly full: StreamsExtent;
  readonly quick: StreamsExtent;
}): Cell {
  const { count, dialect, bars, full, quick } = parts;
  const isConverted = dialect !== undefined;
  const extend = ({ chunks, intervalMs, ...rest }: StreamsExtent): Extent => ({
    ...rest,
    work: {
      request: { ...(isConverted ? { dialect } : {}), bytes: 2000, messages: 3, tools: 0, isStream: true },
      answer: { type: 'stream', chunks, intervalMs },
      requests: count,
      connections: count,
    },
  });
  return createCpuCell({
    name: `streams-${count}${isConverted ? '-convert' : ''}`,
    title: `${count} concurrent streams of ${full.chunks} chunks ${full.intervalMs} ms apart, ${isConverted ? 'OpenAI to Anthropic' : 'all of which arrive'}`,
    bars,
    full: extend(full),
    quick: extend(quick),
  });
}
