import type { Protocol } from '@proxycast/spec';
import { PLAIN_VARIANT } from './chat-variant.ts';
import { createOpenaiChat } from './create-openai-chat.ts';

/** The dialect of `api.openai.com/v1/chat/completions`, with the other endpoints of that address but Responses. */
export const openaiChat: Protocol = createOpenaiChat(PLAIN_VARIANT);
