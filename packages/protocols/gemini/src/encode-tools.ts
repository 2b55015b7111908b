import { refuseDemandedTool, refuseUnmetChoice } from '@proxycast/conversion';
import type { ChatRequest, CustomTool, FunctionTool, JsonObject, ReportChange, ServerTool } from '@proxycast/spec';
import { GEMINI } from './base-id.ts';
import { cleanParameters } from './clean-schema.ts';
import type { ModelTraits } from './model-traits.ts';
import { fieldOfServerTool } from './server-tool-kinds.ts';

export interface EncodedTools {
  readonly tools: readonly JsonObject[];
  /** Of the functions that are declared. */
  readonly names: ReadonlySet<string>;
  /** Functions and tools of the service side by side. */
  readonly isMixed: boolean;
}

/** `tools[]`: all functions in one entry, each tool of the service in one of its own, in the order of the first of them. */
export function encodeTools(request: ChatRequest, traits: ModelTraits, report: ReportChange): EncodedTools {
  const names = new Set<string>();
  const declarations: JsonObject[] = [];
  const tools: JsonObject[] = [];
  const hasFunctions = request.tools.some(({ type }) => type !== 'server');
  request.tools.forEach((tool, index) => {
    if (tool.type === 'server') {
      const encoded = encodeServerTool(tool, traits, isOfDialect(tool) || !hasFunctions || traits.mixesTools);
      if (encoded === undefined) drop(tool, index, request, report);
      else tools.push(encoded);
      if (encoded !== undefined) reportOptions(tool, index, report);
      return;
    }
    // A name may be declared once only; the first one holds.
    if (names.has(tool.name)) {
      report(`tools.${index}`, 'dropped');
      return;
    }
    names.add(tool.name);
    if (declarations.length === 0) tools.push({ functionDeclarations: declarations });
    declarations.push(encodeDeclaration(tool));
  });
  refuseUnmetChoice(request, tools.length);
  return { tools, names, isMixed: hasFunctions && tools.length > 1 };
}

function encodeDeclaration(tool: FunctionTool | CustomTool): JsonObject {
  const { name, description, extensions } = tool;
  const kept = extensions?.[GEMINI];
  const head = { name, ...(description === undefined ? {} : { description }) };
  if (kept !== undefined || tool.type === 'custom') return { ...head, ...kept };
  const parameters = cleanParameters(tool.inputSchema);
  return parameters === undefined ? head : { ...head, parameters };
}

const isOfDialect = ({ extensions, name }: ServerTool): boolean => extensions?.[GEMINI]?.[name] !== undefined;

function encodeServerTool(tool: ServerTool, traits: ModelTraits, isAllowed: boolean): JsonObject | undefined {
  const { name, extensions, mcp } = tool;
  const kept = extensions?.[GEMINI]?.[name];
  if (kept !== undefined) return { [name]: tool.tool === 'mcp' ? [kept] : kept };
  if (!isAllowed) return undefined;
  if (mcp !== undefined && traits.takesMcp) {
    const headers =
      mcp.authorization === undefined ? {} : { headers: { Authorization: `Bearer ${mcp.authorization}` } };
    return { mcpServers: [{ name: mcp.label, streamableHttpTransport: { url: mcp.url, ...headers } }] };
  }
  const field = fieldOfServerTool(tool.tool);
  return field === undefined ? undefined : { [field]: {} };
}

function drop(tool: ServerTool, index: number, { toolChoice }: ChatRequest, report: ReportChange): void {
  refuseDemandedTool(tool, toolChoice);
  report(`tools.${index}`, 'dropped');
}

/** What a search cannot be told here. */
function reportOptions({ webSearch, mcp, extensions }: ServerTool, index: number, report: ReportChange): void {
  if (extensions?.[GEMINI] !== undefined) return;
  if (webSearch?.allowedDomains !== undefined) report(`tools.${index}.allowed_domains`, 'dropped');
  if (webSearch?.blockedDomains !== undefined) report(`tools.${index}.blocked_domains`, 'dropped');
  if (webSearch?.maxUses !== undefined) report(`tools.${index}.max_uses`, 'dropped');
  if (webSearch?.userLocation !== undefined) report(`tools.${index}.user_location`, 'dropped');
  if (mcp?.allowedTools !== undefined) report(`tools.${index}.allowed_tools`, 'dropped');
}
