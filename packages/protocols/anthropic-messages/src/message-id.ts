const PREFIX = 'msg_';
/** What other services put in front of theirs: `chatcmpl-`, `resp_`, `gen-`. */
const FOREIGN_PREFIX = /^[a-z]{2,12}[-_](?=.)/;

/** The API's message ids begin with `msg_`, and clients tell them by it. */
export function messageId(id: string): string {
  return id.startsWith(PREFIX) ? id : PREFIX + id.replace(FOREIGN_PREFIX, '');
}
