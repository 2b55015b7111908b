import { clientSuite } from '../support/client-suite.ts';
import { runGeminiCli } from '../support/run-gemini-cli.ts';

clientSuite({
  name: 'Gemini CLI',
  tools: {
    readBoth: (one, two) => [one, two].map((path) => ({ name: 'read_file', input: { file_path: path } })),
    write: (path, content) => ({ name: 'write_file', input: { file_path: path, content } }),
  },
  run: runGeminiCli,
  // Of a model it does not know it asks for its thoughts, not for an effort.
  asksNoThinkingIn: ['openai'],
  // Not back to Gemini: of a session it resumes it sends each result twice (0.61.0), which Gemini itself refuses.
  rounds: ['gemini', 'anthropic', 'openai-response', 'openai', 'anthropic'],
  // Its words come in pieces; what it calls stands between them.
  lastWordsOf: ({ events }) => {
    const begun = events.findLastIndex(({ type }) => type === 'tool_use' || type === 'tool_result');
    return events
      .slice(begun + 1)
      .flatMap(({ role, content }) => (role === 'assistant' && typeof content === 'string' ? [content] : []))
      .join('');
  },
});
