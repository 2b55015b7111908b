import type { ChatRequest, FunctionTool } from '@proxycast/spec';
import { textOfTurn } from './text-of-turn.ts';

/** The tool the last message asks for; none when that message is itself a tool's result. */
export function findRequestedTool({ turns, tools }: ChatRequest): FunctionTool | undefined {
  const last = turns.at(-1);
  if (last === undefined || last.role !== 'user') return undefined;
  const text = textOfTurn(last).toLowerCase();
  const functions = tools.filter((tool) => tool.type === 'function');
  const named = functions.find(({ name }) => text.includes(name.toLowerCase()));
  if (named !== undefined) return named;
  return /\b(call|use)\b[^.]{0,40}\btools?\b/.test(text) || text.includes('调用工具') || text.includes('使用工具')
    ? functions[0]
    : undefined;
}
