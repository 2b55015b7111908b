import { expect, test } from 'vitest';
import { readMemory, readPeakRssMb, sumMb } from './memory.ts';

// The benchmark reads /proc, which other systems do not have.
const onLinux = test.runIf(process.platform === 'linux');
test('a field is summed over processes, and its namesakes are not', () => {
  const one = 'Rss:               1000 kB\nPss:                600 kB\nPss_Dirty:          100 kB\n';
  expect(sumMb([one, one, ''], 'Pss')).toBeCloseTo(1.2288, 4);
  expect(sumMb([one], 'Swap')).toBe(0);
});

onLinux('what this process holds is plausible', () => {
  const { rssMb, pssMb } = readMemory(process.pid);
  const ownMb = process.memoryUsage.rss() / 1e6;
  expect(rssMb).toBeGreaterThan(ownMb * 0.5);
  expect(pssMb).toBeLessThanOrEqual(rssMb);
  expect(readPeakRssMb(process.pid)).toBeGreaterThan(ownMb * 0.5);
});
