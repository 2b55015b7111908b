export * from './create-gateway.ts';
export * from './gateway-parts.ts';
export * from './hooks.ts';
