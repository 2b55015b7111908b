import type {
  BridgedTool,
  ChatBlock,
  ChatRequest,
  ChatTool,
  ChatTurn,
  CustomTool,
  FunctionTool,
  JsonObject,
  ReportChange,
  ToolBridge,
  ToolCallBlock,
  ToolChoice,
  ToolResultBlock,
} from '@proxycast/spec';
import { hashText } from './hash-text.ts';

/** What a dialect takes of tools. */
export interface ToolRule {
  /** Matches a whole name that may go as it is. Letters, digits and `_` must be allowed behind the first character. Must not be global or sticky. */
  readonly pattern: RegExp;
  /** In characters. */
  readonly maxLength: number;
  /** Whether it has tools whose input is free text. */
  readonly takesCustom: boolean;
  /** Whether tools may stand in a namespace; absent means no. */
  readonly takesNamespace?: boolean;
}

export interface BridgedRequest {
  readonly request: ChatRequest;
  /** Absent where nothing has to be put back in the answer. */
  readonly bridge?: ToolBridge;
}

/**
 * A request whose tools a dialect takes: names within its limits over tools, choice and history, custom tools as functions
 * with the one field `input`, namespaces in the names. The same request where all was so.
 */
export function bridgeTools(request: ChatRequest, rule: ToolRule, report: ReportChange): BridgedRequest {
  return isTaken(request, rule) ? { request } : new Bridging(request, rule).run(report);
}

type Named = Pick<ToolCallBlock, 'name' | 'kind' | 'namespace'>;

function fits(name: string, rule: ToolRule): boolean {
  return name.length <= rule.maxLength && rule.pattern.test(name);
}

function isTakenAsItIs(name: string, kind: 'function' | 'custom', namespace: string | undefined, rule: ToolRule) {
  return (
    (kind === 'function' || rule.takesCustom) &&
    (namespace === undefined || rule.takesNamespace === true) &&
    fits(name, rule)
  );
}

function isTaken(request: ChatRequest, rule: ToolRule): boolean {
  for (const tool of request.tools) {
    if (tool.type !== 'server' && !isTakenAsItIs(tool.name, tool.type, tool.namespace, rule)) return false;
  }
  for (const turn of request.turns) {
    if (turn.role !== 'assistant') continue;
    for (const block of turn.blocks) {
      if (block.type === 'tool-call' && !isTakenAsItIs(block.name, block.kind, block.namespace, rule)) return false;
    }
  }
  const { toolChoice } = request;
  if (toolChoice?.type === 'named')
    return isTakenAsItIs(toolChoice.name, toolChoice.kind ?? 'function', undefined, rule);
  return toolChoice?.type !== 'allowed' || toolChoice.names.every((name) => fits(name, rule));
}

const keyOf = ({ name, kind, namespace }: Named): string => `${kind}\n${namespace ?? ''}\n${name}`;

const HASH_LENGTH = 8;

const INPUT_SCHEMA: JsonObject = {
  type: 'object',
  properties: { input: { type: 'string', description: 'The whole input of the tool, as plain text.' } },
  required: ['input'],
  additionalProperties: false,
};

class Bridging {
  readonly #request: ChatRequest;
  readonly #rule: ToolRule;
  /** The upstream's name of each tool by its key. */
  readonly #names = new Map<string, string>();
  readonly #used = new Set<string>();
  readonly #bridged = new Map<string, BridgedTool>();
  /** For what names a tool without its kind or namespace: the first tool of that name. */
  readonly #byName = new Map<string, Named[]>();
  /** The upstream's name of the tool that made a call. */
  readonly #nameByCallId = new Map<string, string>();

  constructor(request: ChatRequest, rule: ToolRule) {
    this.#request = request;
    this.#rule = rule;
  }

  run(report: ReportChange): BridgedRequest {
    this.#nameAll();
    const { toolChoice } = this.#request;
    const request: ChatRequest = {
      ...this.#request,
      tools: this.#request.tools.map((tool, index) => this.#tool(tool, index, report)),
      turns: this.#request.turns.map((turn) => this.#turn(turn)),
      ...(toolChoice === undefined ? {} : { toolChoice: this.#choice(toolChoice) }),
    };
    return this.#bridged.size === 0 ? { request } : { request, bridge: { tools: this.#bridged } };
  }

  /** What history calls and the client no longer declares comes last, so that it changes no name of what is declared. */
  #nameAll(): void {
    const declared: Named[] = [];
    for (const tool of this.#request.tools) {
      if (tool.type === 'server') {
        this.#used.add(tool.name);
        continue;
      }
      const identity = identityOf(tool.name, tool.type, tool.namespace);
      declared.push(identity);
      const same = this.#byName.get(tool.name);
      if (same === undefined) this.#byName.set(tool.name, [identity]);
      else same.push(identity);
    }
    this.#nameEach(declared);
    const gone: Named[] = [];
    for (const call of this.#calls()) {
      if (this.#toolOf(call) === undefined) gone.push(identityOf(call.name, call.kind, call.namespace));
    }
    this.#nameEach(gone);
  }

  /** Names that can stay are given first, so that no shortened name takes one of them, whatever the order. */
  #nameEach(tools: readonly Named[]): void {
    const changed = tools.filter((tool) => {
      if (!isTakenAsItIs(tool.name, tool.kind, tool.namespace, this.#rule)) return true;
      if (this.#used.has(tool.name)) return this.#names.get(keyOf(tool)) !== tool.name;
      this.#names.set(keyOf(tool), tool.name);
      this.#used.add(tool.name);
      return false;
    });
    const renamed = changed.filter((tool) => {
      const name = this.#plainNameOf(tool);
      if (!fits(name, this.#rule) || this.#used.has(name)) return true;
      this.#give(tool, name);
      return false;
    });
    for (const tool of renamed) this.#give(tool, this.#freeNameFor(tool));
  }

  *#calls(): Generator<ToolCallBlock> {
    for (const turn of this.#request.turns) {
      if (turn.role !== 'assistant') continue;
      for (const block of turn.blocks) if (block.type === 'tool-call') yield block;
    }
  }

  /** The declared tool a call means; where its dialect leaves out kind or namespace, the first of that name. */
  #toolOf(call: Named): Named | undefined {
    const candidates = this.#byName.get(call.name);
    if (candidates === undefined) return undefined;
    const key = keyOf(call);
    const exact = candidates.find((tool) => keyOf(tool) === key);
    if (exact !== undefined || call.namespace !== undefined) return exact;
    return candidates.find((tool) => tool.kind === call.kind) ?? candidates[0];
  }

  #plainNameOf({ name, namespace }: Named): string {
    return namespace === undefined || this.#rule.takesNamespace === true ? name : `${namespace}__${name}`;
  }

  #give(tool: Named, name: string): void {
    if (this.#names.has(keyOf(tool))) return;
    this.#names.set(keyOf(tool), name);
    this.#used.add(name);
    this.#bridged.set(name, tool);
  }

  #freeNameFor(tool: Named): string {
    const { maxLength } = this.#rule;
    const plain = this.#plainNameOf(tool).replace(/[^A-Za-z0-9_-]/g, '_');
    // Nothing but underscores: a name in another script.
    const readable = /[A-Za-z0-9]/.test(plain) ? plain : `tool_${hashText(keyOf(tool), HASH_LENGTH)}`;
    const start = fits(readable.slice(0, 1), this.#rule) ? readable : `_${readable}`;
    if (start.length <= maxLength && !this.#used.has(start) && fits(start, this.#rule)) return start;
    for (let round = 0; ; round++) {
      const suffix = `_${hashText(round === 0 ? keyOf(tool) : `${keyOf(tool)}\n${round}`, HASH_LENGTH)}`;
      const name = start.slice(0, Math.max(1, maxLength - suffix.length)) + suffix;
      if (!this.#used.has(name)) return name;
    }
  }

  #nameOf(call: Named): string {
    return this.#names.get(keyOf(this.#toolOf(call) ?? call)) ?? call.name;
  }

  #tool(tool: ChatTool, index: number, report: ReportChange): ChatTool {
    if (tool.type === 'server') return tool;
    const identity = identityOf(tool.name, tool.type, tool.namespace);
    if (isTakenAsItIs(tool.name, tool.type, tool.namespace, this.#rule)) return tool;
    const renamed = this.#flattened({ ...tool, name: this.#names.get(keyOf(identity)) ?? tool.name });
    if (renamed.type === 'function' || this.#rule.takesCustom) return renamed;
    if (renamed.grammar !== undefined) report(`tools.${index}`, 'changed');
    return functionOf(renamed);
  }

  #flattened(tool: FunctionTool | CustomTool): FunctionTool | CustomTool;
  #flattened(call: ToolCallBlock): ToolCallBlock;
  #flattened(named: ChatTool | ToolCallBlock): ChatTool | ToolCallBlock {
    if (this.#rule.takesNamespace === true || named.type === 'server' || named.namespace === undefined) return named;
    const { namespace: _, ...rest } = named;
    return rest;
  }

  #turn(turn: ChatTurn): ChatTurn {
    const isConcerned = (block: ChatBlock) => block.type === 'tool-call' || block.type === 'tool-result';
    return turn.blocks.some(isConcerned) ? { ...turn, blocks: turn.blocks.map((block) => this.#block(block)) } : turn;
  }

  #block(block: ChatBlock): ChatBlock {
    if (block.type === 'tool-call') return this.#call(block);
    return block.type === 'tool-result' ? this.#result(block) : block;
  }

  #call(call: ToolCallBlock): ToolCallBlock {
    const name = this.#nameOf(call);
    this.#nameByCallId.set(call.callId, name);
    const isWrapped = call.kind === 'custom' && !this.#rule.takesCustom;
    if (name === call.name && !isWrapped && (call.namespace === undefined || this.#rule.takesNamespace === true)) {
      return call;
    }
    const renamed = this.#flattened({ ...call, name });
    if (!isWrapped) return renamed;
    return { ...renamed, kind: 'function', input: typeof call.input === 'string' ? { input: call.input } : call.input };
  }

  #result(result: ToolResultBlock): ToolResultBlock {
    const isWrapped = result.kind === 'custom' && !this.#rule.takesCustom;
    const name =
      result.name === undefined ? undefined : (this.#nameByCallId.get(result.callId) ?? this.#anyNameOf(result.name));
    if (!isWrapped && name === result.name) return result;
    return {
      ...result,
      ...(name === undefined ? {} : { name }),
      ...(isWrapped ? { kind: 'function' } : {}),
    };
  }

  /** The upstream's name of the first tool a client calls so. */
  #anyNameOf(name: string, kind?: 'function' | 'custom'): string {
    return this.#nameOf({ name, kind: kind ?? 'function' });
  }

  #choice(choice: ToolChoice): ToolChoice {
    if (choice.type === 'named') {
      const name = this.#anyNameOf(choice.name, choice.kind);
      return choice.kind === 'custom' && !this.#rule.takesCustom
        ? { ...choice, name, kind: 'function' }
        : { ...choice, name };
    }
    if (choice.type !== 'allowed') return choice;
    const names = choice.names.flatMap((name) => this.#allNamesOf(name));
    return { ...choice, names: [...new Set(names)] };
  }

  /** A name may be allowed without its namespace: all tools of that name are meant. */
  #allNamesOf(name: string): readonly string[] {
    const tools = this.#byName.get(name);
    return tools === undefined ? [name] : tools.map((tool) => this.#nameOf(tool));
  }
}

function identityOf(name: string, kind: 'function' | 'custom', namespace: string | undefined): BridgedTool {
  return namespace === undefined ? { name, kind } : { name, kind, namespace };
}

/** A tool of free text as a function with one field, its grammar in words. */
function functionOf({ type: _, grammar, description, ...tool }: CustomTool): FunctionTool {
  const parts = description === undefined || description === '' ? [] : [description];
  if (grammar !== undefined) {
    parts.push(`The input must match this ${grammar.syntax} grammar:\n${grammar.definition}`);
  }
  return {
    ...tool,
    type: 'function',
    inputSchema: INPUT_SCHEMA,
    ...(parts.length === 0 ? {} : { description: parts.join('\n\n') }),
  };
}
