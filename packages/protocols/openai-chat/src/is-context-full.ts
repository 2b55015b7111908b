/** What services say when a prompt is larger than the model's window, each in its own words. Lower case. Seen 2026-11-24. */
const PHRASES = [
  // OpenAI, Azure, DeepSeek, vLLM, OpenRouter, Mistral
  'maximum context length',
  // Groq, and OpenAI before
  'reduce the length of the messages',
  'context window',
  'context length exceeded',
  // llama.cpp
  'available context size',
  // Moonshot
  'exceeded model token limit',
  // Qwen
  'range of input length should be',
  // Anthropic's models behind other services
  'prompt is too long',
  'input is too long for requested model',
];

const CODES: ReadonlySet<string> = new Set([
  'context_window_exceeded',
  'exceed_context_size_error',
  'too_many_prompt_tokens',
]);

/** Whether an error means that the prompt does not fit: clients then shorten the conversation and try again. */
export function isContextFull(code: string | undefined, message: string): boolean {
  if (code !== undefined && CODES.has(code)) return true;
  const words = message.toLowerCase();
  return PHRASES.some((phrase) => words.includes(phrase));
}
