import { anthropicInline, anthropicMessages } from '@proxycast/protocol-anthropic-messages';
import { bedrockConverse } from '@proxycast/protocol-bedrock-converse';
import { gemini } from '@proxycast/protocol-gemini';
import { type ChatVariant, createOpenaiChat, openaiChat } from '@proxycast/protocol-openai-chat';
import { openaiResponses } from '@proxycast/protocol-openai-responses';
import type { Protocol, UpstreamProtocol } from '@proxycast/spec';

/** The dialect of paths that several share, and of errors on unknown paths. */
export const DEFAULT_PROTOCOL: Protocol = openaiChat;

export interface LoadedProtocols {
  readonly client: readonly Protocol[];
  /** What only upstreams speak. */
  readonly upstream: readonly UpstreamProtocol[];
}

/** Every dialect there is: a new one is a folder and a line here. The conversion worker loads the same. */
export function loadProtocols(variants: readonly ChatVariant[]): LoadedProtocols {
  return {
    client: [openaiChat, openaiResponses, anthropicMessages, gemini],
    upstream: [bedrockConverse, anthropicInline, ...variants.map(createOpenaiChat)],
  };
}
