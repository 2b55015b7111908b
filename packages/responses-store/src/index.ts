export * from './create-responses-store.ts';
