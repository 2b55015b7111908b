/** The API's message ids begin with `msg_`, and clients tell them by it. */
export const messageId = (id: string): string => (id.startsWith('msg_') ? id : `msg_${id}`);
