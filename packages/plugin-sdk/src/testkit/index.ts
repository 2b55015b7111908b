export * from './every-split.ts';
export * from './fake-host.ts';
export * from './fake-upstream.ts';
export * from './start-plugin.ts';
