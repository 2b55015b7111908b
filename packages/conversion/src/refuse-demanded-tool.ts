import { type ChatRequest, InvalidRequestError, type ServerTool, type ToolChoice } from '@proxycast/spec';

/**
 * For a tool of the service that the other side does not have: throws InvalidRequestError where the choice demands that very
 * tool, since an answer without it would be another answer.
 */
export function refuseDemandedTool(tool: ServerTool, choice: ToolChoice | undefined): void {
  if (choice?.type === 'server' && choice.tool === tool.tool && isMeant(tool, choice.name)) throw notHere(tool.tool);
}

/** A kind of its own tells which tool is meant; servers and tools of no kind have only their names. */
function isMeant({ tool, name, mcp }: ServerTool, chosen: string): boolean {
  if (tool === 'mcp') return mcp === undefined || mcp.label === chosen;
  return tool !== 'other' || name === chosen;
}

/** The same where any tool is demanded and none is left. `sent` counts the tools that go. */
export function refuseUnmetChoice({ tools, toolChoice }: ChatRequest, sent: number): void {
  const [first] = tools;
  if (sent === 0 && first?.type === 'server' && toolChoice?.type === 'required') throw notHere(first.tool);
}

const notHere = (kind: string): InvalidRequestError =>
  new InvalidRequestError({
    code: 'unsupported_tool',
    field: 'tool_choice',
    message: `tool_choice: this model has no ${kind} tool; choose another tool or another model.`,
  });
