export * from './echo-provider.ts';
