import { renderChatRequest } from './render-chat-request.ts';
import { renderMessagesRequest } from './render-messages-request.ts';
import type { RequestShape } from './request-shape.ts';

/** The body of one request in the dialect of its shape. Throws RangeError when none is that small. */
export function renderRequest(shape: RequestShape): Buffer {
  return shape.dialect === 'anthropic' ? renderMessagesRequest(shape) : renderChatRequest(shape);
}
