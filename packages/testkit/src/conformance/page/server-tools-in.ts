import type { FakeDialectId } from '../../fake-upstream/recorded-request.ts';
import { isObject, isString, type JsonObject, objectsOf } from '../../json.ts';

const ANTHROPIC: Readonly<Record<string, string>> = {
  web_search: 'the web',
  web_fetch: 'the web',
  code_execution: 'code',
  bash_code_execution: 'code',
  text_editor_code_execution: 'code',
  tool_search_tool_bm25: 'tool search',
  tool_search_tool_regex: 'tool search',
};
const RESPONSES: Readonly<Record<string, string>> = {
  web_search_call: 'the web',
  code_interpreter_call: 'code',
  file_search_call: 'file search',
  image_generation_call: 'picture',
  mcp_call: 'mcp',
  tool_search_call: 'tool search',
  local_shell_call: 'shell',
  shell_call: 'shell',
  apply_patch_call: 'editor',
};

/** Which tools of the service a body tells of, each once, by plain words: protocols.md 3.2, 4.2 and 5.2. */
export function serverToolsIn(dialect: FakeDialectId, body: JsonObject): readonly string[] {
  return [...new Set(namesIn(dialect, body).flatMap((name) => (name === undefined ? [] : [name])))].toSorted();
}

function namesIn(dialect: FakeDialectId, body: JsonObject): readonly (string | undefined)[] {
  switch (dialect) {
    case 'anthropic':
      return objectsOf(body.content).map(({ type, name }) => {
        if (type === 'mcp_tool_use') return 'mcp';
        return type === 'server_tool_use' && isString(name) ? ANTHROPIC[name] : undefined;
      });
    case 'openai':
      return [];
    case 'responses':
      return objectsOf(body.output).map(({ type }) => (isString(type) ? RESPONSES[type] : undefined));
    case 'gemini': {
      const [candidate = {}] = objectsOf(body.candidates);
      const { groundingMetadata, urlContextMetadata, content } = candidate;
      const parts = isObject(content) ? objectsOf(content.parts) : [];
      const hasSearched =
        isObject(groundingMetadata) &&
        (groundingMetadata.webSearchQueries !== undefined ||
          objectsOf(groundingMetadata.groundingChunks).some(({ web }) => isObject(web)));
      return [
        hasSearched ? 'the web' : undefined,
        urlContextMetadata === undefined ? undefined : 'the web',
        ...parts.map(({ executableCode }) => (executableCode === undefined ? undefined : 'code')),
      ];
    }
  }
}
