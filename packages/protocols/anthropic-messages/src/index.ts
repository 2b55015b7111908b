export { anthropicInline } from './anthropic-inline.ts';
export { anthropicMessages } from './anthropic-messages.ts';
