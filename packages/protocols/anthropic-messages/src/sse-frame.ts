import type { JsonObject } from '@proxycast/wire';

/** One event as the API frames it. */
export const sseFrame = (type: string, fields: JsonObject): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
