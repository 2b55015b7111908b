import type { IncomingMessage, ServerResponse } from 'node:http';

export function createPage(): (request: IncomingMessage, response: ServerResponse) => boolean {
  return () => false;
}
