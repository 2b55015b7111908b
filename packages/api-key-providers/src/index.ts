export * from './create-api-key-provider.ts';
export * from './google/google-tokens.ts';
export * from './normalise-host.ts';
export * from './parse-model-list.ts';
export * from './preset.ts';
export * from './preset-records.ts';
export * from './provider-type.ts';
export * from './provider-types.ts';
