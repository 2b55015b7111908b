export * from './choice.ts';
export * from './credential-pool.ts';
export * from './credential-state.ts';
