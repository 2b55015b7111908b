import type { CallIdRule } from '@proxycast/conversion';

/** `^[a-zA-Z0-9_-]+$` is what the API demands of ids; it names no length, so this one only bounds what is stored. */
export const CALL_ID_RULE: CallIdRule = { pattern: /^[a-zA-Z0-9_-]+$/, maxLength: 256 };
