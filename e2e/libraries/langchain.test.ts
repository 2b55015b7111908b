import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { type BaseMessage, HumanMessage } from '@langchain/core/messages';
import { createAgent, tool } from 'langchain';
import { expect } from 'vitest';
import { z } from 'zod';
import { importSnippet } from '../support/import-snippet.ts';
import {
  type LibraryParts,
  type LibrarySession,
  type LibraryUnderTest,
  librarySuite,
  READ_FILE,
  WRITE_FILE,
} from '../support/library-suite.ts';
import { readmeSnippets } from '../support/readme-snippets.ts';

interface Models {
  readonly openai: BaseChatModel;
  readonly anthropic: BaseChatModel;
  readonly google: BaseChatModel;
}

interface Variant extends Omit<LibraryUnderTest, 'open'> {
  readonly model: keyof Models;
  /** Added to the options README.md shows: how this class is told to think. */
  readonly options: string;
}

const VARIANTS: readonly Variant[] = [
  {
    name: 'ChatAnthropic',
    model: 'anthropic',
    options: "maxTokens: 8000, thinking: { type: 'enabled', budget_tokens: 2000 }",
  },
  {
    name: 'ChatOpenAI',
    model: 'openai',
    options: "modelKwargs: { reasoning_effort: 'high' }",
    // It keeps no thinking, and Anthropic takes no call without signed thinking while it thinks.
    losesThinkingIn: ['anthropic'],
    // A provider of Responses speaks Chat Completions too.
    rounds: ['anthropic', 'gemini', 'openai', 'anthropic'],
  },
  {
    name: 'ChatOpenAI with Responses',
    model: 'openai',
    options: "useResponsesApi: true, zdrEnabled: true, modelKwargs: { reasoning: { effort: 'high', summary: 'auto' } }",
  },
  {
    name: 'ChatGoogleGenerativeAI',
    model: 'google',
    options: 'thinkingConfig: { includeThoughts: true, thinkingBudget: 2000 }',
  },
];

function open({ model: name, options }: Variant, parts: LibraryParts): LibrarySession {
  const files = [
    tool(({ path }) => parts.tools.read(path), { ...READ_FILE, schema: z.object({ path: z.string() }) }),
    tool(({ path, content }) => parts.tools.write(path, content), {
      ...WRITE_FILE,
      schema: z.object({ path: z.string(), content: z.string() }),
    }),
  ];
  let messages: BaseMessage[] = [];
  return {
    async ask(prompt, model) {
      const [snippet = ''] = readmeSnippets('LangChain', {
        ...parts,
        models: { 'gpt-5.6-sol': model, 'claude-sonnet-5-5': model, 'gemini-3.8-flash': model },
      });
      const told = snippet.replaceAll('({ model:', `({ maxRetries: 0, ${options}, model:`);
      const models = await importSnippet<Models>(told, ['openai', 'anthropic', 'google']);
      const agent = createAgent({ model: models[name], tools: files, systemPrompt: 'Be brief.' });
      const asked = { messages: [...messages, new HumanMessage(prompt)] };
      if (parts.isStream) {
        let pieces = 0;
        // A model that is asked for its messages streams; `streaming: true` would fetch a tokenizer from elsewhere.
        for await (const [mode, shown] of await agent.stream(asked, { streamMode: ['messages', 'values'] })) {
          if (mode === 'values') ({ messages } = shown);
          else pieces++;
        }
        // Each word of an answer is one.
        expect(pieces).toBeGreaterThan(6);
      } else ({ messages } = await agent.invoke(asked));
      return { said: messages.at(-1)?.text ?? '' };
    },
  };
}

for (const variant of VARIANTS) {
  librarySuite({ ...variant, name: `LangChain's ${variant.name}`, open: (parts) => open(variant, parts) });
}
