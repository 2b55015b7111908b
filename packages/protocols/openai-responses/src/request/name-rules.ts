import type { CallIdRule, ToolRule } from '@proxycast/conversion';

/** Seen in refusals: "string too long. Expected a string with maximum length 64". */
export const CALL_ID_RULE: CallIdRule = { pattern: /^[a-zA-Z0-9_.:|-]+$/, maxLength: 64 };

const NAME = /^[a-zA-Z0-9_-]+$/;

/** Names from other dialects: 64 characters are safe everywhere. */
export const FOREIGN_TOOL_RULE: ToolRule = { pattern: NAME, maxLength: 64, takesCustom: true, takesNamespace: true };

/** A client of this dialect knows how long a name may be; compatible services differ. */
export const OWN_TOOL_RULE: ToolRule = { ...FOREIGN_TOOL_RULE, maxLength: 128 };

/** What a client may be given: it sends it back to whoever answers next, and the API takes no longer ones. */
export const GIVEN_ID_RULE: CallIdRule = { pattern: /^[\s\S]+$/, maxLength: 64 };
