import type { AnthropicProvider } from '@ai-sdk/anthropic';
import type { GoogleGenerativeAIProvider } from '@ai-sdk/google';
import type { OpenAIProvider } from '@ai-sdk/openai';
import type { OpenAICompatibleProvider } from '@ai-sdk/openai-compatible';
import { generateText, type LanguageModel, type ModelMessage, stepCountIs, streamText, tool } from 'ai';
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

interface Providers {
  readonly responses: OpenAIProvider;
  readonly chat: OpenAICompatibleProvider;
  readonly anthropic: AnthropicProvider;
  readonly google: GoogleGenerativeAIProvider;
}

type ProviderOptions = NonNullable<Parameters<typeof generateText>[0]['providerOptions']>;

interface Variant extends Omit<LibraryUnderTest, 'open'> {
  readonly modelOf: (providers: Providers, model: string) => LanguageModel;
  readonly options: ProviderOptions;
}

const VARIANTS: readonly Variant[] = [
  {
    name: 'createAnthropic',
    modelOf: ({ anthropic }, model) => anthropic(model),
    options: { anthropic: { thinking: { type: 'enabled', budgetTokens: 2000 } } },
  },
  {
    name: 'createGoogleGenerativeAI',
    modelOf: ({ google }, model) => google(model),
    options: { google: { thinkingConfig: { includeThoughts: true, thinkingBudget: 2000 } } },
  },
  {
    name: 'createOpenAI, with its answers kept',
    // What a service keeps itself can be named to no other; what ProxyCast keeps can.
    rounds: ['anthropic', 'gemini', 'openai', 'anthropic', 'openai-response'],
    modelOf: ({ responses }, model) => responses(model),
    options: { openai: { forceReasoning: true, reasoningEffort: 'high', reasoningSummary: 'auto' } },
  },
  {
    name: 'createOpenAI, with nothing kept',
    modelOf: ({ responses }, model) => responses(model),
    options: { openai: { forceReasoning: true, reasoningEffort: 'high', reasoningSummary: 'auto', store: false } },
  },
  {
    name: 'createOpenAICompatible',
    // It keeps thinking without what signs it, and Anthropic takes no call without signed thinking while it thinks.
    losesThinkingIn: ['anthropic'],
    // A service that shows its reasoning takes it back; of others see the variants of the dialect.
    rounds: ['openai', 'anthropic', 'gemini', 'openai'],
    modelOf: ({ chat }, model) => chat(model),
    options: { proxycast: { reasoningEffort: 'high' } },
  },
];

async function open({ modelOf, options }: Variant, parts: LibraryParts): Promise<LibrarySession> {
  const [snippet = ''] = readmeSnippets('AI SDK', parts);
  const providers = await importSnippet<Providers>(snippet, ['responses', 'chat', 'anthropic', 'google']);
  const tools = {
    [READ_FILE.name]: tool({
      description: READ_FILE.description,
      inputSchema: z.object({ path: z.string() }),
      execute: ({ path }) => parts.tools.read(path),
    }),
    [WRITE_FILE.name]: tool({
      description: WRITE_FILE.description,
      inputSchema: z.object({ path: z.string(), content: z.string() }),
      execute: ({ path, content }) => parts.tools.write(path, content),
    }),
  };
  const messages: ModelMessage[] = [];
  return {
    async ask(prompt, model) {
      messages.push({ role: 'user', content: prompt });
      const asked = {
        model: modelOf(providers, model),
        system: 'Be brief.',
        messages,
        tools,
        stopWhen: stepCountIs(5),
        maxOutputTokens: 8000,
        maxRetries: 0,
        providerOptions: options,
      };
      if (!parts.isStream) {
        const result = await generateText(asked);
        messages.push(...result.response.messages);
        return { said: result.text, thoughts: thoughtsOf(result.steps) };
      }
      const result = streamText({ ...asked, onError: () => {} });
      await result.consumeStream();
      messages.push(...(await result.response).messages);
      return { said: await result.text, thoughts: thoughtsOf(await result.steps) };
    },
  };
}

const thoughtsOf = (steps: readonly { readonly reasoningText: string | undefined }[]): readonly string[] =>
  steps.map(({ reasoningText = '' }) => reasoningText);

for (const variant of VARIANTS) {
  librarySuite({ ...variant, name: `the AI SDK, ${variant.name}`, open: (parts) => open(variant, parts) });
}
