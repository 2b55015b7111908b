/** The API's ids begin with `chatcmpl-`. */
export const completionId = (id: string): string => (id.startsWith('chatcmpl-') ? id : `chatcmpl-${id}`);
