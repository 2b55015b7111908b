import type { ChatRequest, JsonObject, ReportChange } from '@proxycast/spec';
import type { ChatQuirks, ToolChoiceWord } from './chat-variant.ts';

/** The choice in the service's words, and which of the tools are left where it can only be told by leaving the others out. */
export interface EncodedChoice {
  readonly fields: JsonObject;
  /** Absent: all. */
  readonly keeps?: (tool: JsonObject) => boolean;
}

const NOTHING: EncodedChoice = { fields: {} };

export function encodeToolChoice(request: ChatRequest, own: JsonObject, target: ChoiceTarget): EncodedChoice {
  const { toolChoice } = request;
  if (own.function_call !== undefined) return { fields: { function_call: own.function_call } };
  if (own.tool_choice !== undefined && toolChoice === undefined) return { fields: { tool_choice: own.tool_choice } };
  if (toolChoice === undefined) return NOTHING;
  switch (toolChoice.type) {
    case 'auto':
    case 'none':
    case 'required':
      return encodeWord(toolChoice.type, target);
    case 'named':
      return encodeNamed(toolChoice.name, toolChoice.kind ?? kindOf(request, toolChoice.name), target);
    case 'allowed':
      return encodeAllowed(request, toolChoice, target);
    case 'server':
      return { fields: { tool_choice: { type: toolChoice.name } } };
  }
}

export interface ChoiceTarget {
  readonly quirks: ChatQuirks;
  readonly report: ReportChange;
}

const has = ({ quirks }: ChoiceTarget, word: ToolChoiceWord): boolean => quirks.toolChoices.includes(word);

function encodeWord(word: 'auto' | 'none' | 'required', target: ChoiceTarget): EncodedChoice {
  if (has(target, word)) return { fields: { tool_choice: word === 'required' ? target.quirks.requiredWord : word } };
  // Whoever is given no tools calls none.
  if (word === 'none') return { fields: {}, keeps: () => false };
  if (word === 'required') target.report('tool_choice', 'changed');
  return NOTHING;
}

function encodeNamed(name: string, kind: 'function' | 'custom', target: ChoiceTarget): EncodedChoice {
  if (has(target, 'named')) return { fields: { tool_choice: { type: kind, [kind]: { name } } } };
  target.report('tool_choice', 'changed');
  if (!has(target, 'required')) return NOTHING;
  return { fields: { tool_choice: target.quirks.requiredWord }, keeps: (tool) => nameOf(tool) === name };
}

function encodeAllowed(
  request: ChatRequest,
  { mode, names }: { readonly mode: 'auto' | 'required'; readonly names: readonly string[] },
  target: ChoiceTarget,
): EncodedChoice {
  if (has(target, 'allowed')) {
    const tools = names.map((name) => {
      const kind = kindOf(request, name);
      return { type: kind, [kind]: { name } };
    });
    return { fields: { tool_choice: { type: 'allowed_tools', allowed_tools: { mode, tools } } } };
  }
  target.report('tool_choice', 'changed');
  return { ...encodeWord(mode, target), keeps: (tool) => names.includes(nameOf(tool)) };
}

const kindOf = ({ tools }: ChatRequest, name: string): 'function' | 'custom' =>
  tools.some((tool) => tool.type === 'custom' && tool.name === name) ? 'custom' : 'function';

function nameOf({ function: called, custom }: JsonObject): string {
  const held = called ?? custom;
  return typeof held === 'object' && held !== null && 'name' in held ? String(held.name) : '';
}
