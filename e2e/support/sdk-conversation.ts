import Anthropic from '@anthropic-ai/sdk';
import { type Content, type GenerateContentResponse, GoogleGenAI, type Part, Type } from '@google/genai';
import type { FakeDialectId } from '@proxycast/testkit';
import { type AnswerFacts, dialectOf } from '@proxycast/testkit/conformance';
import OpenAI from 'openai';
import { expectAnswered } from './expect-answered.ts';
import { readObject } from './read-object.ts';

export interface SdkConversationParts {
  readonly baseUrl: string;
  readonly key: string;
  readonly model: string;
  readonly isStream: boolean;
}

/** One conversation, held by the official SDK of a dialect in the SDK's own types, as its examples show it. */
export interface SdkConversation {
  /** Says the text, or gives the calls of the answer before their results, by the order of the calls. */
  say(next: string | readonly string[]): Promise<AnswerFacts>;
}

const DESCRIPTION = 'The weather of a city';
const SYSTEM = 'Be brief.';

export function createSdkConversation(dialect: FakeDialectId, parts: SdkConversationParts): SdkConversation {
  switch (dialect) {
    case 'anthropic':
      return converseInAnthropic(parts);
    case 'openai':
      return converseInChat(parts);
    case 'responses':
      return converseInResponses(parts);
    case 'gemini':
      return converseInGemini(parts);
  }
}

const read = (dialect: FakeDialectId, body: unknown): AnswerFacts =>
  dialectOf(dialect).raw.read(readObject(JSON.parse(JSON.stringify(body))));

const schema = { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] };

function converseInAnthropic({ baseUrl, key, model, isStream }: SdkConversationParts): SdkConversation {
  const client = new Anthropic({ apiKey: key, baseURL: baseUrl, maxRetries: 0 });
  const messages: Anthropic.MessageParam[] = [];
  let calls: readonly string[] = [];
  return {
    async say(next) {
      const content: Anthropic.ContentBlockParam[] =
        typeof next === 'string'
          ? [{ type: 'text', text: next }]
          : next.map((text, index) => ({ type: 'tool_result', tool_use_id: calls[index] ?? '', content: text }));
      messages.push({ role: 'user', content });
      const asked: Anthropic.MessageCreateParamsNonStreaming = {
        model,
        max_tokens: 5000,
        system: SYSTEM,
        messages,
        thinking: { type: 'enabled', budget_tokens: 2000 },
        tools: [{ name: 'get_weather', description: DESCRIPTION, input_schema: schema }],
      };
      const message = isStream
        ? await client.messages.stream(asked).finalMessage()
        : await client.messages.create(asked);
      messages.push({ role: 'assistant', content: message.content });
      calls = message.content.flatMap((block) => (block.type === 'tool_use' ? [block.id] : []));
      return read('anthropic', message);
    },
  };
}

/** What the SDK's reader of streams adds for its caller, and no API takes. */
function withoutParsed(message: OpenAI.ChatCompletionMessage): OpenAI.ChatCompletionMessage {
  const sent = { ...message };
  Reflect.deleteProperty(sent, 'parsed');
  for (const call of sent.tool_calls ?? [])
    if (call.type === 'function') Reflect.deleteProperty(call.function, 'parsed_arguments');
  return sent;
}

function converseInChat({ baseUrl, key, model, isStream }: SdkConversationParts): SdkConversation {
  const client = new OpenAI({ apiKey: key, baseURL: `${baseUrl}/v1`, maxRetries: 0 });
  const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'system', content: SYSTEM }];
  let calls: readonly string[] = [];
  return {
    async say(next) {
      if (typeof next === 'string') messages.push({ role: 'user', content: next });
      else {
        for (const [index, content] of next.entries()) {
          messages.push({ role: 'tool', tool_call_id: calls[index] ?? '', content });
        }
      }
      const asked = {
        model,
        messages,
        reasoning_effort: 'low' as const,
        tools: [
          {
            type: 'function' as const,
            function: { name: 'get_weather', description: DESCRIPTION, parameters: schema },
          },
        ],
      };
      let completion: OpenAI.ChatCompletion;
      const frames: { data: string }[] = [];
      if (isStream) {
        const stream = client.chat.completions.stream({ ...asked, stream_options: { include_usage: true } });
        stream.on('chunk', (chunk) => frames.push({ data: JSON.stringify(chunk) }));
        completion = await stream.finalChatCompletion();
      } else completion = await client.chat.completions.create(asked);
      const message = completion.choices[0]?.message;
      if (message !== undefined) messages.push(withoutParsed(message));
      calls = message?.tool_calls?.map(({ id }) => id) ?? [];
      // The SDK's accumulator keeps the last piece only of fields it does not know, such as reasoning_content.
      return isStream ? read('openai', dialectOf('openai').raw.fold(frames)) : read('openai', completion);
    },
  };
}

function converseInResponses({ baseUrl, key, model, isStream }: SdkConversationParts): SdkConversation {
  const client = new OpenAI({ apiKey: key, baseURL: `${baseUrl}/v1`, maxRetries: 0 });
  const input: OpenAI.Responses.ResponseInputItem[] = [];
  let calls: readonly string[] = [];
  return {
    async say(next) {
      if (typeof next === 'string') input.push({ role: 'user', content: next });
      else {
        for (const [index, output] of next.entries()) {
          input.push({ type: 'function_call_output', call_id: calls[index] ?? '', output });
        }
      }
      const asked = {
        model,
        input,
        instructions: SYSTEM,
        store: false,
        include: ['reasoning.encrypted_content' as const],
        reasoning: { effort: 'low' as const, summary: 'auto' as const },
        tools: [
          {
            type: 'function' as const,
            name: 'get_weather',
            description: DESCRIPTION,
            parameters: schema,
            strict: false,
          },
        ],
      };
      const response = isStream
        ? await client.responses.stream(asked).finalResponse()
        : await client.responses.create(asked);
      expectAnswered(response);
      for (const item of response.output) {
        if (item.type === 'message' || item.type === 'reasoning') input.push(item);
        // The stream's reader adds the parsed arguments, which the API would refuse.
        if (item.type === 'function_call') {
          const { type, call_id, name, arguments: text } = item;
          input.push({ type, call_id, name, arguments: text });
        }
      }
      calls = response.output.flatMap((item) => (item.type === 'function_call' ? [item.call_id] : []));
      return read('responses', response);
    },
  };
}

function converseInGemini({ baseUrl, key, model, isStream }: SdkConversationParts): SdkConversation {
  const client = new GoogleGenAI({
    apiKey: key,
    httpOptions: { baseUrl, apiVersion: 'v1beta', retryOptions: { attempts: 1 } },
  });
  const contents: Content[] = [];
  let calls: readonly Part[] = [];
  return {
    async say(next) {
      const parts: Part[] =
        typeof next === 'string'
          ? [{ text: next }]
          : next.map((result, index) => {
              const call = calls[index]?.functionCall;
              return {
                functionResponse: {
                  name: call?.name ?? '',
                  response: { result },
                  ...(call?.id === undefined ? {} : { id: call.id }),
                },
              };
            });
      contents.push({ role: 'user', parts });
      const asked = {
        model,
        contents,
        config: {
          systemInstruction: SYSTEM,
          thinkingConfig: { includeThoughts: true },
          tools: [
            {
              functionDeclarations: [
                {
                  name: 'get_weather',
                  description: DESCRIPTION,
                  parameters: { type: Type.OBJECT, properties: { city: { type: Type.STRING } }, required: ['city'] },
                },
              ],
            },
          ],
        },
      };
      const answers: GenerateContentResponse[] = [];
      if (isStream) for await (const chunk of await client.models.generateContentStream(asked)) answers.push(chunk);
      else answers.push(await client.models.generateContent(asked));
      const said = answers.flatMap((answer) => answer.candidates?.[0]?.content?.parts ?? []);
      contents.push({ role: 'model', parts: said });
      calls = said.filter((part) => part.functionCall !== undefined);
      return read('gemini', dialectOf('gemini').raw.fold(answers.map((answer) => ({ data: JSON.stringify(answer) }))));
    },
  };
}
