import type { ChatQuirks } from './chat-variant.ts';

/**
 * Texts of which a request has to hold one before it is worth converting for such a service: bytes without any of them say
 * nothing that it would refuse. Empty: every request of the dialect may pass as it is.
 */
export function rewrittenWords(quirks: ChatQuirks): readonly string[] {
  const words = new Set<string>();
  if (!quirks.developerRole) words.add('"developer"');
  if (quirks.outputBound === 'max_tokens') words.add('"max_completion_tokens"');
  if (quirks.outputBound === 'max_completion_tokens') words.add('"max_tokens"');
  if (!quirks.streamOptions) words.add('"stream_options"');
  if (quirks.requiredWord !== 'required') words.add('"required"');
  if (quirks.callIds !== 'any' || !quirks.userAfterResults) words.add('"tool_call_id"');
  if (!quirks.customTools) words.add('"custom"');
  if (!quirks.toolChoices.includes('allowed')) words.add('"allowed_tools"');
  if (!quirks.toolChoices.includes('required')) words.add('"required"');
  if (!quirks.nullContent) words.add('"tool_calls"');
  if (!quirks.responseFormats.includes('json_schema')) words.add('"json_schema"');
  if (quirks.prefill !== 'plain') words.add('"assistant"');
  if (quirks.images === 'data') {
    // Addresses of pictures, as serialisers write them; those within text have a backslash before the quote.
    for (const name of ['url', 'image_url']) words.add(`"${name}":"http`).add(`"${name}": "http`);
  }
  const { send, unknown } = quirks.reasoningHistory;
  if (send !== 'never' && unknown === 'empty') words.add('"tool_calls"');
  // What another service of the same conversation has shown; a client sends it to whoever goes on.
  if (send === 'never') for (const field of SHOWN_REASONING) words.add(field);
  for (const parameter of quirks.unsupported) words.add(`"${parameter}"`);
  return [...words];
}

/** Fields in which services show their reasoning. */
const SHOWN_REASONING: readonly string[] = ['"reasoning_content"', '"reasoning_details"'];
