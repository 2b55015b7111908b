const PREFIX = 'chatcmpl-';
/** What other services put in front of theirs: `msg_`, `resp_`, `gen-`. */
const FOREIGN_PREFIX = /^[a-z]{2,12}[-_](?=.)/;

/** The API's ids begin with `chatcmpl-`. */
export function completionId(id: string): string {
  return id.startsWith(PREFIX) ? id : PREFIX + id.replace(FOREIGN_PREFIX, '');
}
