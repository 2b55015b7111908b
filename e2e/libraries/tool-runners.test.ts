import type Anthropic from '@anthropic-ai/sdk';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';
import { type CallableTool, type Content, type GoogleGenAI, Type } from '@google/genai';
import { Agent, type AgentInputItem, OpenAIProvider, Runner, setTracingDisabled, tool } from '@openai/agents';
import type OpenAI from 'openai';
import { zodFunction } from 'openai/helpers/zod';
import { z } from 'zod';
import { importSnippet } from '../support/import-snippet.ts';
import {
  type LibraryParts,
  type LibrarySession,
  librarySuite,
  READ_FILE,
  WRITE_FILE,
} from '../support/library-suite.ts';
import { readmeSnippets } from '../support/readme-snippets.ts';

setTracingDisabled(true);

const SYSTEM = 'Be brief.';
const PATH = {
  type: 'object' as const,
  properties: { path: { type: 'string' as const } },
  required: ['path'] as const,
};
const PATH_AND_CONTENT = {
  type: 'object' as const,
  properties: { path: { type: 'string' as const }, content: { type: 'string' as const } },
  required: ['path', 'content'] as const,
};

/** The client as README.md makes it; its own question goes to the built-in model. */
async function clientOf<Client>(heading: string, { baseUrl, key }: LibraryParts): Promise<Client> {
  const echo = {
    'deepseek-v4-pro': 'proxycast-echo',
    'claude-sonnet-5-5': 'proxycast-echo',
    'gemini-3.8-flash': 'proxycast-echo',
  };
  const [snippet = ''] = readmeSnippets(heading, { baseUrl, key, models: echo });
  return (await importSnippet<{ client: Client }>(snippet, ['client'])).client;
}

async function openChat(parts: LibraryParts): Promise<LibrarySession> {
  const { isStream, tools } = parts;
  const client = await clientOf<OpenAI>('openai', parts);
  let messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'system', content: SYSTEM }];
  const asked = {
    reasoning_effort: 'high' as const,
    tools: [
      zodFunction({
        ...READ_FILE,
        parameters: z.object({ path: z.string() }),
        function: ({ path }) => tools.read(path),
      }),
      zodFunction({
        ...WRITE_FILE,
        parameters: z.object({ path: z.string(), content: z.string() }),
        function: ({ path, content }) => tools.write(path, content),
      }),
    ],
  };
  return {
    async ask(prompt, model) {
      messages.push({ role: 'user', content: prompt });
      const runner = isStream
        ? client.chat.completions.runTools({ ...asked, model, messages, stream: true })
        : client.chat.completions.runTools({ ...asked, model, messages });
      const said = (await runner.finalContent()) ?? '';
      messages = [...runner.messages];
      return { said };
    },
  };
}

async function openAgents(parts: LibraryParts): Promise<LibrarySession> {
  const { isStream, tools } = parts;
  const openAIClient = await clientOf<OpenAI>('openai', parts);
  const runner = new Runner({ modelProvider: new OpenAIProvider({ openAIClient, useResponses: true }) });
  const files = [
    tool({ ...READ_FILE, parameters: z.object({ path: z.string() }), execute: ({ path }) => tools.read(path) }),
    tool({
      ...WRITE_FILE,
      parameters: z.object({ path: z.string(), content: z.string() }),
      execute: ({ path, content }) => tools.write(path, content),
    }),
  ];
  let history: AgentInputItem[] = [];
  return {
    async ask(prompt, model) {
      const agent = new Agent({
        name: 'Clerk',
        instructions: SYSTEM,
        model,
        tools: files,
        modelSettings: {
          reasoning: { effort: 'high', summary: 'auto' },
          store: false,
          providerData: { include: ['reasoning.encrypted_content'] },
        },
      });
      const input: AgentInputItem[] = [...history, { role: 'user', content: prompt }];
      if (!isStream) {
        const result = await runner.run(agent, input);
        history = result.history;
        return { said: result.finalOutput ?? '' };
      }
      const result = await runner.run(agent, input, { stream: true });
      await result.completed;
      history = result.history;
      return { said: result.finalOutput ?? '' };
    },
  };
}

async function openMessages(parts: LibraryParts): Promise<LibrarySession> {
  const { isStream, tools } = parts;
  const client = await clientOf<Anthropic>('@anthropic-ai/sdk', parts);
  const files = [
    betaTool({ ...READ_FILE, inputSchema: PATH, run: ({ path }) => tools.read(path) }),
    betaTool({ ...WRITE_FILE, inputSchema: PATH_AND_CONTENT, run: ({ path, content }) => tools.write(path, content) }),
  ];
  let messages: Anthropic.Beta.BetaMessageParam[] = [];
  return {
    async ask(prompt, model) {
      messages.push({ role: 'user', content: prompt });
      const asked = {
        model,
        max_tokens: 8000,
        system: SYSTEM,
        thinking: { type: 'enabled' as const, budget_tokens: 2000 },
        tools: files,
        messages,
      };
      const thoughts: string[] = [];
      let last: Anthropic.Beta.BetaMessage | undefined;
      const note = (message: Anthropic.Beta.BetaMessage) => {
        last = message;
        thoughts.push(
          ...message.content.flatMap((block) =>
            block.type === 'thinking' && block.thinking !== '' ? [block.thinking] : [],
          ),
        );
      };
      if (isStream) {
        const runner = client.beta.messages.toolRunner({ ...asked, stream: true });
        for await (const stream of runner) note(await stream.finalMessage());
        messages = [...runner.params.messages];
      } else {
        const runner = client.beta.messages.toolRunner(asked);
        for await (const message of runner) note(message);
        messages = [...runner.params.messages];
      }
      if (messages.at(-1)?.role !== 'assistant' && last !== undefined)
        messages.push({ role: 'assistant', content: last.content });
      return {
        said: last?.content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('') ?? '',
        thoughts,
      };
    },
  };
}

async function openGemini(parts: LibraryParts): Promise<LibrarySession> {
  const { isStream, tools } = parts;
  const client = await clientOf<GoogleGenAI>('@google/genai', parts);
  const files: CallableTool = {
    tool: () =>
      Promise.resolve({
        functionDeclarations: [
          {
            ...READ_FILE,
            parameters: { type: Type.OBJECT, properties: { path: { type: Type.STRING } }, required: ['path'] },
          },
          {
            ...WRITE_FILE,
            parameters: {
              type: Type.OBJECT,
              properties: { path: { type: Type.STRING }, content: { type: Type.STRING } },
              required: ['path', 'content'],
            },
          },
        ],
      }),
    callTool: (calls) =>
      Promise.all(
        calls.map(async ({ id, name = '', args = {} }) => ({
          functionResponse: {
            ...(id === undefined ? {} : { id }),
            name,
            response: {
              output:
                name === READ_FILE.name
                  ? await tools.read(String(args.path))
                  : await tools.write(String(args.path), String(args.content)),
            },
          },
        })),
      ),
  };
  let history: Content[] = [];
  return {
    async ask(prompt, model) {
      const config = {
        systemInstruction: SYSTEM,
        tools: [files],
        thinkingConfig: { includeThoughts: true, thinkingBudget: 2000 },
      };
      const chat = client.chats.create({ model, config, history });
      let said = '';
      if (isStream) {
        for await (const chunk of await chat.sendMessageStream({ message: prompt })) {
          const parts = chunk.candidates?.[0]?.content?.parts ?? [];
          // What was said before a call belongs to an earlier answer.
          if (parts.some(({ functionCall, functionResponse }) => functionCall ?? functionResponse)) said = '';
          else said += parts.map(({ text = '', thought }) => (thought === true ? '' : text)).join('');
        }
      } else said = (await chat.sendMessage({ message: prompt })).text ?? '';
      history = chat.getHistory();
      return { said };
    },
  };
}

librarySuite({
  name: "openai's runTools",
  open: openChat,
  losesThinkingIn: ['anthropic'],
  // A service that shows its reasoning takes it back; of others see the variants of the dialect.
  rounds: ['openai', 'anthropic', 'gemini', 'openai'],
});
librarySuite({ name: "OpenAI's agents", open: openAgents });
librarySuite({ name: "@anthropic-ai/sdk's toolRunner", open: openMessages });
librarySuite({ name: "@google/genai's automatic function calling", open: openGemini });
