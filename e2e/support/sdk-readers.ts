import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import type { FakeDialectId } from '@proxycast/testkit';
import { type AnswerFacts, dialectOf } from '@proxycast/testkit/conformance';
import OpenAI from 'openai';
import { expectAnswered } from './expect-answered.ts';
import { readObject } from './read-object.ts';

/** What the official SDK of a dialect makes of an answer. Throws what the SDK throws. */
export interface SdkReader {
  readStream(): Promise<AnswerFacts>;
  readWhole(): Promise<AnswerFacts>;
}

export function createSdkReaders(
  baseUrl: string,
  key: string,
  model: string,
): Readonly<Record<FakeDialectId, SdkReader>> {
  const anthropic = new Anthropic({ apiKey: key, baseURL: baseUrl, maxRetries: 0 });
  const openai = new OpenAI({ apiKey: key, baseURL: `${baseUrl}/v1`, maxRetries: 0 });
  const google = new GoogleGenAI({
    apiKey: key,
    httpOptions: { baseUrl, apiVersion: 'v1beta', retryOptions: { attempts: 1 } },
  });
  const message = { model, max_tokens: 1000, messages: [{ role: 'user' as const, content: 'Go on.' }] };
  const chat = { model, messages: [{ role: 'user' as const, content: 'Go on.' }] };
  const read = (dialect: FakeDialectId, body: unknown) =>
    dialectOf(dialect).raw.read(readObject(JSON.parse(JSON.stringify(body))));
  return {
    anthropic: {
      readStream: async () => read('anthropic', await anthropic.messages.stream(message).finalMessage()),
      readWhole: async () => read('anthropic', await anthropic.messages.create(message)),
    },
    openai: {
      async readStream() {
        const stream = await openai.chat.completions.create({
          ...chat,
          stream: true,
          stream_options: { include_usage: true },
        });
        // The SDK's reader gives chunks; what its accumulator refuses, such as a length, is no fault of the stream.
        const frames: { data: string }[] = [];
        for await (const chunk of stream) frames.push({ data: JSON.stringify(chunk) });
        return read('openai', dialectOf('openai').raw.fold(frames));
      },
      readWhole: async () => read('openai', await openai.chat.completions.create(chat)),
    },
    responses: {
      readStream: async () =>
        read('responses', expectAnswered(await openai.responses.stream({ model, input: 'Go on.' }).finalResponse())),
      readWhole: async () => read('responses', await openai.responses.create({ model, input: 'Go on.' })),
    },
    gemini: {
      async readStream() {
        const frames: { data: string }[] = [];
        for await (const chunk of await google.models.generateContentStream({ model, contents: 'Go on.' })) {
          frames.push({ data: JSON.stringify(chunk) });
        }
        return read('gemini', dialectOf('gemini').raw.fold(frames));
      },
      readWhole: async () => read('gemini', await google.models.generateContent({ model, contents: 'Go on.' })),
    },
  };
}
