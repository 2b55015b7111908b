import type { ChatRequest, ServerToolKind } from '@proxycast/spec';
import type { FakeDialectId } from '../../fake-upstream/recorded-request.ts';
import type { JsonObject } from '../../json.ts';
import type { PerDialect } from './plain-bodies.ts';

/** A tool that runs at a service, or whose form only the service knows, as each dialect declares, demands and shows it. */
export interface NativeTool {
  readonly title: string;
  readonly declared: Partial<PerDialect>;
  readonly demanded?: Partial<PerDialect>;
  readonly read: (request: ChatRequest) => unknown;
  /** Recorded answers in which it ran. */
  readonly answers: Partial<Readonly<Record<FakeDialectId, readonly string[]>>>;
  /** Upstream models that have it, where not every one does. */
  readonly models?: Partial<Readonly<Record<FakeDialectId, string>>>;
  /** How it stands in the answers of a dialect that shows it; absent: it is not shown. */
  readonly loss?: Partial<Readonly<Record<FakeDialectId, string>>>;
}

const kind = (tool: ServerToolKind) => (request: ChatRequest) =>
  request.tools.some((declared) => declared.type === 'server' && declared.tool === tool);
const HIDDEN = 'not shown: what it found is in the text';
const DROPPED_IN_ANSWER: Readonly<Record<FakeDialectId, string>> = {
  anthropic: HIDDEN,
  openai: HIDDEN,
  responses: HIDDEN,
  gemini: HIDDEN,
};
const tools = (tool: JsonObject, beside: JsonObject = {}): JsonObject => ({ tools: [tool], ...beside });

const WEB_SEARCH: NativeTool = {
  title: 'web search',
  declared: {
    anthropic: tools({ type: 'web_search_20250305', name: 'web_search' }),
    openai: { web_search_options: {} },
    responses: tools({ type: 'web_search' }),
    gemini: tools({ googleSearch: {} }),
  },
  demanded: {
    anthropic: tools(
      { type: 'web_search_20250305', name: 'web_search' },
      { tool_choice: { type: 'tool', name: 'web_search' } },
    ),
    responses: tools({ type: 'web_search' }, { tool_choice: { type: 'web_search' } }),
  },
  read: kind('web-search'),
  models: { openai: 'gpt-4o-search-preview' },
  answers: {
    anthropic: [
      'anthropic/rub-chat-web-search-with-anthropic-claude-haiku-4-5-searches-cites-and-reports-tool-.json',
      'anthropic/pyd-anthropic-web-search-tool-stream.sse',
    ],
    responses: [
      'openai-responses/ver-openai-web-search-tool-1.json',
      'openai-responses/ver-openai-web-search-tool-1.sse',
    ],
    gemini: [
      'gemini/rub-chat-citations-with-gemini-gemini-2-5-flash-returns-grounding-citations-when-sea.json',
      'gemini/mir-web-search-tool-stream-google-gemini-2-5-flash.0.sse',
    ],
  },
  loss: { openai: 'not shown: its pages are `annotations`' },
};

const WEB_SEARCH_DOMAINS: NativeTool = {
  title: 'web search within domains',
  declared: {
    anthropic: tools({ type: 'web_search_20250305', name: 'web_search', allowed_domains: ['example.com'] }),
    responses: tools({ type: 'web_search', filters: { allowed_domains: ['example.com'] } }),
  },
  read: ({ tools: declared }) =>
    declared.flatMap((tool) => (tool.type === 'server' ? [tool.webSearch?.allowedDomains ?? []] : [])),
  models: { openai: 'gpt-4o-search-preview' },
  answers: {},
};

const WEB_FETCH: NativeTool = {
  title: 'fetching a page',
  declared: {
    anthropic: tools({ type: 'web_fetch_20250910', name: 'web_fetch' }),
    gemini: tools({ urlContext: {} }),
  },
  demanded: {
    anthropic: tools(
      { type: 'web_fetch_20250910', name: 'web_fetch' },
      { tool_choice: { type: 'tool', name: 'web_fetch' } },
    ),
  },
  read: kind('web-fetch'),
  answers: {
    anthropic: ['anthropic/ver-anthropic-web-fetch-tool-2.json', 'anthropic/pyd-anthropic-web-fetch-tool-stream.sse'],
    gemini: ['gemini/pyd-google-model-web-fetch-tool.json', 'gemini/pyd-google-model-web-fetch-tool-stream.sse'],
  },
  loss: DROPPED_IN_ANSWER,
};

const CODE: NativeTool = {
  title: 'running code',
  declared: {
    anthropic: tools({ type: 'code_execution_20250825', name: 'code_execution' }),
    responses: tools({ type: 'code_interpreter', container: { type: 'auto' } }),
    gemini: tools({ codeExecution: {} }),
  },
  demanded: {
    anthropic: tools(
      { type: 'code_execution_20250825', name: 'code_execution' },
      { tool_choice: { type: 'tool', name: 'code_execution' } },
    ),
    responses: tools(
      { type: 'code_interpreter', container: { type: 'auto' } },
      { tool_choice: { type: 'code_interpreter' } },
    ),
  },
  read: kind('code-execution'),
  answers: {
    anthropic: [
      'anthropic/rub-chat-code-execution-with-anthropic-claude-haiku-4-5-runs-code-server-side-and-re.json',
      'anthropic/pyd-anthropic-text-editor-code-execution-tool-stream.sse',
    ],
    responses: [
      'openai-responses/ver-openai-code-interpreter-tool-1.json',
      'openai-responses/ver-openai-code-interpreter-tool-1.sse',
    ],
    gemini: [
      'gemini/rub-chat-code-execution-with-gemini-gemini-3-5-flash-runs-code-server-side-and-repla.0.json',
      'gemini/pyd-code-execution-stream.sse',
    ],
  },
  loss: { openai: HIDDEN },
};

const MCP: NativeTool = {
  title: 'MCP server',
  declared: {
    anthropic: {
      mcp_servers: [{ type: 'url', url: 'https://mcp.example.com/sse', name: 'docs', authorization_token: 'token' }],
      tools: [{ type: 'mcp_toolset', mcp_server_name: 'docs' }],
    },
    responses: tools({
      type: 'mcp',
      server_label: 'docs',
      server_url: 'https://mcp.example.com/sse',
      authorization: 'token',
      require_approval: 'never',
    }),
  },
  demanded: {
    responses: tools(
      { type: 'mcp', server_label: 'docs', server_url: 'https://mcp.example.com/sse', require_approval: 'never' },
      { tool_choice: { type: 'mcp', server_label: 'docs' } },
    ),
  },
  read: ({ tools: declared }) =>
    declared.flatMap((tool) =>
      tool.type === 'server' ? [tool.mcp?.label, tool.mcp?.url, tool.mcp?.authorization] : [],
    ),
  answers: {
    anthropic: ['anthropic/ver-anthropic-mcp-1.json', 'anthropic/ver-anthropic-mcp-1.sse'],
    responses: ['openai-responses/ver-openai-mcp-tool-1.json', 'openai-responses/ver-openai-mcp-tool-1.sse'],
  },
  loss: { openai: HIDDEN, gemini: HIDDEN },
};

const FILE_SEARCH: NativeTool = {
  title: 'search in files of the service',
  declared: {
    responses: tools({ type: 'file_search', vector_store_ids: ['vs_1'] }),
    gemini: tools({ fileSearch: { fileSearchStoreNames: ['fileSearchStores/a'] } }),
  },
  demanded: {
    responses: tools({ type: 'file_search', vector_store_ids: ['vs_1'] }, { tool_choice: { type: 'file_search' } }),
  },
  read: kind('file-search'),
  answers: {
    responses: [
      'openai-responses/ver-openai-file-search-tool-2.json',
      'openai-responses/ver-openai-file-search-tool-2.sse',
    ],
  },
  loss: DROPPED_IN_ANSWER,
};

const IMAGE: NativeTool = {
  title: 'making pictures',
  declared: { responses: tools({ type: 'image_generation' }) },
  demanded: { responses: tools({ type: 'image_generation' }, { tool_choice: { type: 'image_generation' } }) },
  read: kind('image-generation'),
  answers: {},
};

const COMPUTER: NativeTool = {
  title: 'computer use',
  declared: {
    anthropic: tools({ type: 'computer_20250124', name: 'computer', display_width_px: 800, display_height_px: 600 }),
    responses: tools({ type: 'computer_use_preview', display_width: 800, display_height: 600, environment: 'linux' }),
    gemini: tools({ computerUse: { environment: 'ENVIRONMENT_BROWSER' } }),
  },
  demanded: {
    anthropic: tools(
      { type: 'computer_20250124', name: 'computer', display_width_px: 800, display_height_px: 600 },
      { tool_choice: { type: 'tool', name: 'computer' } },
    ),
  },
  read: kind('computer'),
  answers: {},
};

const named = (request: ChatRequest): unknown => request.tools.map((tool) => tool.name);

const BASH: NativeTool = {
  title: 'Anthropic’s bash, run by the client',
  declared: { anthropic: tools({ type: 'bash_20250124', name: 'bash' }) },
  demanded: {
    anthropic: tools({ type: 'bash_20250124', name: 'bash' }, { tool_choice: { type: 'tool', name: 'bash' } }),
  },
  read: named,
  answers: {},
};

const EDITOR: NativeTool = {
  title: 'Anthropic’s text editor and memory, run by the client',
  declared: {
    anthropic: {
      tools: [
        { type: 'text_editor_20250728', name: 'str_replace_based_edit_tool' },
        { type: 'memory_20250818', name: 'memory' },
      ],
    },
  },
  read: named,
  answers: {},
};

const LOCAL_SHELL: NativeTool = {
  title: 'OpenAI’s local shell, shell and apply_patch, run by the client',
  declared: { responses: { tools: [{ type: 'local_shell' }, { type: 'shell' }, { type: 'apply_patch' }] } },
  demanded: { responses: tools({ type: 'apply_patch' }, { tool_choice: { type: 'apply_patch' } }) },
  read: ({ tools: declared }) => declared.length,
  answers: {},
};

const TOOL_SEARCH: NativeTool = {
  title: 'search among the tools',
  declared: {
    anthropic: {
      tools: [
        { type: 'tool_search_tool_bm25_20251119', name: 'tool_search_tool_bm25' },
        { name: 'read', description: 'Reads.', input_schema: { type: 'object', properties: {} }, defer_loading: true },
      ],
    },
    responses: {
      tools: [
        { type: 'tool_search' },
        {
          type: 'function',
          name: 'read',
          description: 'Reads.',
          parameters: { type: 'object', properties: {} },
          strict: false,
          defer_loading: true,
        },
      ],
    },
  },
  read: kind('tool-search'),
  answers: {
    anthropic: ['anthropic/ver-anthropic-tool-search-bm25-1.json'],
    responses: ['openai-responses/ver-openai-tool-search-1.json'],
  },
  loss: DROPPED_IN_ANSWER,
};

export const NATIVE_TOOLS: readonly NativeTool[] = [
  WEB_SEARCH,
  WEB_SEARCH_DOMAINS,
  WEB_FETCH,
  CODE,
  MCP,
  FILE_SEARCH,
  IMAGE,
  COMPUTER,
  BASH,
  EDITOR,
  LOCAL_SHELL,
  TOOL_SEARCH,
];
