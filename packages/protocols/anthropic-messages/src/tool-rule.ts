import type { ToolRule } from '@proxycast/conversion';

export const TOOL_RULE: ToolRule = { pattern: /^[a-zA-Z0-9_-]{1,128}$/, maxLength: 128, takesCustom: false };
