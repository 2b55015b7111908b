export * from './choice.ts';
export * from './credential-pool.ts';
export * from './credential-state.ts';
export * from './refresh/create-refresh-coordinator.ts';
export * from './refresh/refresh-schedule.ts';
export * from './refresh/refresh-state.ts';
export * from './refresh/refresh-timing.ts';
