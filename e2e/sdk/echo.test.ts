import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI, Type } from '@google/genai';
import { type RunningServer, startServer } from '@proxycast/testkit';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const MODEL = 'proxycast-echo';
const PROMPT = 'Grüße an alle 🎉';
const ASK_TOOL = 'Please call the tool get_weather for Köln.';
const schema = { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] };

/** A new installation, before anything is configured. */
let server: RunningServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.stop());

describe('openai, chat completions', () => {
  const client = () => new OpenAI({ apiKey: server.clientKey, baseURL: `${server.baseUrl}/v1`, maxRetries: 0 });
  const tools: OpenAI.ChatCompletionTool[] = [
    { type: 'function', function: { name: 'get_weather', parameters: schema } },
  ];

  test('echoes whole and streaming, the same text', async () => {
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: PROMPT }];
    const whole = await client().chat.completions.create({ model: MODEL, messages });
    expect(whole.choices[0]).toMatchObject({ finish_reason: 'stop', message: { role: 'assistant' } });
    expect(whole.choices[0]?.message.content).toContain(PROMPT);
    expect(whole.usage?.total_tokens).toBeGreaterThan(0);
    const stream = client().chat.completions.stream({
      model: MODEL,
      messages,
      stream_options: { include_usage: true },
    });
    expect(await stream.finalContent()).toBe(whole.choices[0]?.message.content);
    expect((await stream.totalUsage()).total_tokens).toBe(whole.usage?.total_tokens);
  });

  test.each([true, false])(
    'calls the tool that is asked for and goes on with its result, streaming: %j',
    async (isStream) => {
      const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: ASK_TOOL }];
      const first = isStream
        ? await client().chat.completions.stream({ model: MODEL, messages, tools }).finalChatCompletion()
        : await client().chat.completions.create({ model: MODEL, messages, tools });
      const message = first.choices[0]?.message;
      const call = message?.tool_calls?.[0];
      if (message === undefined || call?.type !== 'function') throw new Error('No tool was called.');
      expect(first.choices[0]?.finish_reason).toBe('tool_calls');
      expect(call.function.name).toBe('get_weather');
      expect(JSON.parse(call.function.arguments)).toHaveProperty('city');
      messages.push(
        {
          role: 'assistant',
          content: message.content,
          tool_calls: [{ id: call.id, type: 'function', function: call.function }],
        },
        { role: 'tool', tool_call_id: call.id, content: '21 degrees' },
      );
      const second = await client().chat.completions.create({ model: MODEL, messages, tools });
      expect(second.choices[0]?.message.content).toContain('21 degrees');
    },
  );

  test('is in the list of models', async () => {
    const listed = await client().models.list();
    expect(listed.data.map(({ id }) => id)).toEqual([MODEL]);
  });
});

describe('openai, responses', () => {
  const client = () => new OpenAI({ apiKey: server.clientKey, baseURL: `${server.baseUrl}/v1`, maxRetries: 0 });

  test('echoes whole and streaming, the same text', async () => {
    const whole = await client().responses.create({ model: MODEL, input: PROMPT });
    expect(whole.status).toBe('completed');
    expect(whole.output_text).toContain(PROMPT);
    const streamed = await client().responses.stream({ model: MODEL, input: PROMPT }).finalResponse();
    expect(streamed.output_text).toBe(whole.output_text);
    expect(streamed.usage?.total_tokens).toBe(whole.usage?.total_tokens);
  });

  test.each([true, false])('calls the tool that is asked for, streaming: %j', async (isStream) => {
    const body: OpenAI.Responses.ResponseCreateParamsNonStreaming = {
      model: MODEL,
      input: ASK_TOOL,
      tools: [{ type: 'function', name: 'get_weather', parameters: schema, strict: false }],
    };
    const { output } = isStream
      ? await client()
          .responses.stream({ ...body, stream: true })
          .finalResponse()
      : await client().responses.create(body);
    const [call] = output;
    if (call?.type !== 'function_call') throw new Error('No tool was called.');
    expect(call.name).toBe('get_weather');
    expect(call.call_id).toBeTruthy();
    expect(JSON.parse(call.arguments)).toHaveProperty('city');
  });
});

describe('@anthropic-ai/sdk', () => {
  const client = () => new Anthropic({ apiKey: server.clientKey, baseURL: server.baseUrl, maxRetries: 0 });
  const tools: Anthropic.Tool[] = [{ name: 'get_weather', input_schema: schema }];

  test('echoes whole and streaming, the same text', async () => {
    const body = { model: MODEL, max_tokens: 1000, messages: [{ role: 'user' as const, content: PROMPT }] };
    const whole = await client().messages.create(body);
    expect(whole.stop_reason).toBe('end_turn');
    expect(textOf(whole)).toContain(PROMPT);
    const streamed = await client().messages.stream(body).finalMessage();
    expect(textOf(streamed)).toBe(textOf(whole));
    expect(streamed.usage.output_tokens).toBe(whole.usage.output_tokens);
    expect(streamed.usage.input_tokens).toBe(whole.usage.input_tokens);
  });

  test.each([true, false])(
    'calls the tool that is asked for and goes on with its result, streaming: %j',
    async (isStream) => {
      const messages: Anthropic.MessageParam[] = [{ role: 'user', content: ASK_TOOL }];
      const body = { model: MODEL, max_tokens: 1000, messages, tools };
      const first = isStream
        ? await client().messages.stream(body).finalMessage()
        : await client().messages.create(body);
      expect(first.stop_reason).toBe('tool_use');
      const call = first.content.find((block) => block.type === 'tool_use');
      if (call === undefined) throw new Error('No tool was called.');
      expect(call).toMatchObject({ name: 'get_weather', input: { city: expect.any(String) } });
      messages.push(
        { role: 'assistant', content: first.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: '21 degrees' }] },
      );
      const second = await client().messages.create(body);
      expect(second.stop_reason).toBe('end_turn');
      expect(textOf(second)).toContain('21 degrees');
    },
  );

  test('counts tokens and lists models', async () => {
    const counted = await client().messages.countTokens({
      model: MODEL,
      messages: [{ role: 'user', content: PROMPT }],
    });
    expect(counted.input_tokens).toBeGreaterThan(0);
    const listed = await client().models.list();
    expect(listed.data.map(({ id, type }) => [id, type])).toEqual([[MODEL, 'model']]);
  });

  function textOf(message: Anthropic.Message): string {
    return message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
  }
});

describe('@google/genai', () => {
  const client = () => new GoogleGenAI({ apiKey: server.clientKey, httpOptions: { baseUrl: server.baseUrl } });
  const config = {
    tools: [
      {
        functionDeclarations: [
          { name: 'get_weather', parameters: { type: Type.OBJECT, properties: { city: { type: Type.STRING } } } },
        ],
      },
    ],
  };

  test('echoes whole and streaming, the same text', async () => {
    const whole = await client().models.generateContent({ model: MODEL, contents: PROMPT });
    expect(whole.candidates?.[0]?.finishReason).toBe('STOP');
    expect(whole.text).toContain(PROMPT);
    let text = '';
    for await (const chunk of await client().models.generateContentStream({ model: MODEL, contents: PROMPT })) {
      text += chunk.text ?? '';
    }
    expect(text).toBe(whole.text);
  });

  test.each([true, false])('calls the function that is asked for, streaming: %j', async (isStream) => {
    const calls: unknown[] = [];
    if (isStream) {
      const stream = await client().models.generateContentStream({ model: MODEL, contents: ASK_TOOL, config });
      for await (const chunk of stream) calls.push(...(chunk.functionCalls ?? []));
    } else {
      const whole = await client().models.generateContent({ model: MODEL, contents: ASK_TOOL, config });
      calls.push(...(whole.functionCalls ?? []));
    }
    expect(calls).toMatchObject([{ name: 'get_weather', args: expect.any(Object) }]);
  });

  test.each(['v1', 'v1beta'])('counts tokens and lists models under %s', async (apiVersion) => {
    const versioned = new GoogleGenAI({
      apiKey: server.clientKey,
      httpOptions: { baseUrl: server.baseUrl, apiVersion },
    });
    const counted = await versioned.models.countTokens({ model: MODEL, contents: PROMPT });
    expect(counted.totalTokens).toBeGreaterThan(0);
    const names: (string | undefined)[] = [];
    for await (const listed of await versioned.models.list()) names.push(listed.name);
    expect(names).toEqual([`models/${MODEL}`]);
  });
});
