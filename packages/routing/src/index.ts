export * from './match-glob.ts';
export * from './parse-model-families.ts';
export * from './plan.ts';
export * from './routing-table.ts';
