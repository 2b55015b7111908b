export * from './key-counter.ts';
export * from './ledger-writer.ts';
export * from './metrics.ts';
export * from './price-table.ts';
