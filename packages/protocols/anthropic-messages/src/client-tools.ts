import type { JsonObject } from '@proxycast/wire';

/** What a tool is that the client runs, but whose input only the API's models know by heart. */
export interface ClientTool {
  readonly description: string;
  readonly inputSchema: JsonObject;
}

const text = (description: string): JsonObject => ({ type: 'string', description });
const line = (description: string): JsonObject => ({ type: 'integer', description });
const LINES: JsonObject = {
  type: 'array',
  items: { type: 'integer' },
  description: 'For `view`: the first and the last line to show, counted from 1; -1 for the end.',
};
const EDITS = {
  old_str: text('For `str_replace`: the text to replace. It must stand in the file once, exactly so.'),
  new_str: text('For `str_replace`: what stands there afterwards. For `insert` in older versions: the new text.'),
  insert_line: line('For `insert`: the line behind which the text goes; 0 for the beginning.'),
  insert_text: text('For `insert`: the text.'),
  file_text: text('For `create`: what the file holds.'),
  view_range: LINES,
};

/**
 * By their types without the date. After the API's page on the text editor (docs.anthropic.com, agents-and-tools/tool-use) and
 * the types of @anthropic-ai/sdk 1.12, seen 2026-11-25. Computer use is none of them: what it means to click needs a model
 * that was taught so.
 */
const TOOLS: ReadonlyMap<string, ClientTool> = new Map<string, ClientTool>([
  [
    'bash',
    {
      description: 'Runs a command in a bash session that lasts, and gives back what it printed.',
      inputSchema: {
        type: 'object',
        properties: {
          command: text('The command. Needed unless the session is restarted.'),
          restart: { type: 'boolean', description: 'Ends the session and begins a new one.' },
        },
      },
    },
  ],
  [
    'text_editor',
    {
      description: 'Looks at, makes and changes text files. What was edited stays.',
      inputSchema: {
        type: 'object',
        properties: {
          command: { type: 'string', enum: ['view', 'create', 'str_replace', 'insert'] },
          path: text('The file or the folder, as an absolute path.'),
          ...EDITS,
        },
        required: ['command', 'path'],
      },
    },
  ],
  [
    'memory',
    {
      description:
        'Keeps notes in files under /memories that last from one conversation to the next. Look there first.',
      inputSchema: {
        type: 'object',
        properties: {
          command: { type: 'string', enum: ['view', 'create', 'str_replace', 'insert', 'delete', 'rename'] },
          path: text('The file or the folder, below /memories.'),
          ...EDITS,
          old_path: text('For `rename`: the path before.'),
          new_path: text('For `rename`: the path afterwards.'),
        },
        required: ['command'],
      },
    },
  ],
]);

const DATE = /_\d{8}$/;

/** By the tool's type, for example `bash_20250124`; `undefined` for one that runs at the API, or that only its models can use. */
export const clientToolOf = (type: string): ClientTool | undefined =>
  DATE.test(type) ? TOOLS.get(type.replace(DATE, '')) : undefined;
