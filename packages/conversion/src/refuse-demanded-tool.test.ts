import { type ChatRequest, InvalidRequestError, type ServerTool, type ToolChoice } from '@proxycast/spec';
import { expect, test } from 'vitest';
import { refuseDemandedTool, refuseUnmetChoice } from './refuse-demanded-tool.ts';

const server = (tool: ServerTool['tool'], name: string, label?: string): ServerTool => ({
  type: 'server',
  tool,
  name,
  ...(label === undefined ? {} : { mcp: { label, url: 'https://mcp.test' } }),
});
const demand = (tool: ServerTool['tool'], name: string): ToolChoice => ({ type: 'server', tool, name });

test.each<readonly [string, ServerTool, ToolChoice | undefined, boolean]>([
  [
    'its kind, under the name of another dialect',
    server('web-search', 'web_search_20260209'),
    demand('web-search', 'web_search'),
    true,
  ],
  ['another kind', server('web-fetch', 'web_fetch'), demand('web-search', 'web_search'), false],
  ['its server', server('mcp', 'mcp', 'docs'), demand('mcp', 'docs'), true],
  ['another server', server('mcp', 'mcp', 'docs'), demand('mcp', 'mail'), false],
  ['a connector', server('mcp', 'mcp'), demand('mcp', 'mail'), true],
  ['its name, where it is of no kind', server('other', 'x_search'), demand('other', 'x_search'), true],
  ['another name, where it is of no kind', server('other', 'x_search'), demand('other', 'y_search'), false],
  ['nothing', server('web-search', 'web_search'), { type: 'auto' }, false],
  ['a function of that name', server('web-search', 'search'), { type: 'named', name: 'search' }, false],
])('a choice that demands %s', (_, tool, choice, isRefused) => {
  const refuse = () => refuseDemandedTool(tool, choice);
  if (isRefused) expect(refuse).toThrow(InvalidRequestError);
  else expect(refuse).not.toThrow();
});

test('any tool cannot be demanded of a model that has none of them', () => {
  const request: ChatRequest = {
    protocol: 'a',
    model: 'm',
    stream: false,
    turns: [],
    tools: [server('file-search', 'file_search')],
    toolChoice: { type: 'required' },
  };
  expect(() => refuseUnmetChoice(request, 0)).toThrow(/no file-search tool/);
  expect(() => refuseUnmetChoice(request, 1)).not.toThrow();
  expect(() => refuseUnmetChoice({ ...request, toolChoice: { type: 'auto' } }, 0)).not.toThrow();
  expect(() => refuseUnmetChoice({ ...request, tools: [] }, 0)).not.toThrow();
});
