export type { ClientResponse } from './client-response.ts';
export * from './conversion/conversion-worker.ts';
export * from './create-gateway.ts';
export * from './gateway-parts.ts';
export * from './hooks.ts';
export * from './keeping/socket-turns.ts';
export * from './media-settings.ts';
