export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Fields that only one dialect knows, under its base id (`anthropic`, `openai`, `responses`, `gemini`, …). They come out
 * again, as they were, where that dialect is spoken at the other end; every other encoder leaves them.
 */
export type Extensions = Readonly<Record<string, JsonObject>>;
