export * from './bedrock-converse.ts';
