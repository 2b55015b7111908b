import type { Effort, Reasoning } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { fieldsOf } from './field-names.ts';

/** Thoughts are shown only to those who ask for them, so asking for thinking alone shows none. */
export function decodeThinkingConfig(config: unknown): Reasoning | undefined {
  if (!isObject(config)) return undefined;
  const { includeThoughts, thinkingBudget, thinkingLevel } = fieldsOf(config);
  const display = includeThoughts === true ? 'summary' : 'omitted';
  const effort = typeof thinkingLevel === 'string' ? mapThinkingLevel(thinkingLevel.toUpperCase()) : undefined;
  if (effort !== undefined) return { mode: 'on', effort, display };
  if (typeof thinkingBudget !== 'number' || thinkingBudget < 0) return { mode: 'auto', display };
  return thinkingBudget === 0 ? { mode: 'off' } : { mode: 'on', budget: thinkingBudget, display };
}

function mapThinkingLevel(level: string): Effort | undefined {
  switch (level) {
    case 'MINIMAL':
      return 'minimal';
    case 'LOW':
      return 'low';
    case 'MEDIUM':
      return 'medium';
    case 'HIGH':
      return 'high';
    default:
      return undefined;
  }
}
