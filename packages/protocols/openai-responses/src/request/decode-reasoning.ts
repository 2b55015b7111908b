import { EFFORTS, type Reasoning } from '@proxycast/spec';
import { isObject, textOf } from '@proxycast/wire';

/** `undefined` where the client leaves thinking to the model. */
export function decodeReasoning(value: unknown): Reasoning | undefined {
  if (!isObject(value)) return undefined;
  const { effort: said } = value;
  const summary = textOf(value['summary']) ?? textOf(value['generate_summary']);
  const effort = EFFORTS.find((known) => known === said);
  if (effort === undefined && said !== 'none' && summary === undefined) return undefined;
  const display = summary === undefined ? {} : ({ display: summary === 'detailed' ? 'detailed' : 'summary' } as const);
  if (said === 'none') return { mode: 'off', ...display };
  return effort === undefined ? { mode: 'auto', ...display } : { mode: 'on', effort, ...display };
}
