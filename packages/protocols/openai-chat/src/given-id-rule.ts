import type { CallIdRule } from '@proxycast/conversion';

/** What a client may be given: it sends it back to whoever answers next, and the API takes no longer ones. */
export const GIVEN_ID_RULE: CallIdRule = { pattern: /^[\s\S]+$/, maxLength: 64 };
