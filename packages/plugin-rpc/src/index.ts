export * from './answer-body.ts';
export * from './encode-frame.ts';
export * from './exceeds-json-depth.ts';
export * from './frame.ts';
export * from './frame-reader.ts';
export * from './rpc-error.ts';
export * from './rpc-peer.ts';
