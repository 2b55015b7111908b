import type { ChatRequest, ChatTool } from '@proxycast/spec';

/** The tool the last message asks for; none when that message is itself a tool's result. */
export function findRequestedTool({ turns, tools }: ChatRequest): ChatTool | undefined {
  const last = turns[turns.length - 1];
  if (last === undefined || last.role !== 'user') return undefined;
  const text = last.text.toLowerCase();
  const named = tools.find(({ name }) => text.includes(name.toLowerCase()));
  if (named !== undefined) return named;
  return /\b(call|use)\b[^.]{0,40}\btools?\b/.test(text) || text.includes('调用工具') || text.includes('使用工具')
    ? tools[0]
    : undefined;
}
