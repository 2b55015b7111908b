export { type ChatQuirks, type ChatVariant, PLAIN_VARIANT } from './chat-variant.ts';
export { createOpenaiChat } from './create-openai-chat.ts';
export { openaiChat } from './openai-chat.ts';
export { parseChatVariant } from './parse-chat-variant.ts';
