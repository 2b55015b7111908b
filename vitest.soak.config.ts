import { defineConfig } from 'vitest/config';

// Stress rounds, soak and every cut of every recording: too long for each change, run by hand.
export default defineConfig({
  test: {
    include: ['packages/**/*.soak.test.ts', 'apps/**/*.soak.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    // One at a time, so that a figure is not the neighbour's doing.
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: 30 * 60_000,
    hookTimeout: 60_000,
  },
});
