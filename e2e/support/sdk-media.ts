import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI, type Part } from '@google/genai';
import type { FakeDialectId } from '@proxycast/testkit';
import OpenAI from 'openai';
import { expectAnswered } from './expect-answered.ts';

/** A file as a client has it: bytes, an address, or the id of an upload to its own service. */
export type MediaInput =
  | { readonly type: 'bytes'; readonly mediaType: string; readonly data: string }
  | { readonly type: 'url'; readonly mediaType: string; readonly url: string }
  | { readonly type: 'upload'; readonly mediaType: string };

/** What the official SDK of a dialect can be given, in the SDK's own types. Throws for what these have no place for. */
export interface SdkMedia {
  /** Asks about the file. */
  ask(input: MediaInput): Promise<unknown>;
  /** Gives a picture as the result of a call. */
  answerWithPicture(data: string): Promise<unknown>;
}

/** For what the types of each SDK have a place. */
export const SDK_MEDIA_PLACES: Readonly<
  Record<FakeDialectId, { readonly sound: boolean; readonly pdfUrl: boolean; readonly pictureInResult: boolean }>
> = {
  anthropic: { sound: false, pdfUrl: true, pictureInResult: true },
  openai: { sound: true, pdfUrl: false, pictureInResult: false },
  responses: { sound: false, pdfUrl: true, pictureInResult: true },
  gemini: { sound: true, pdfUrl: true, pictureInResult: true },
};

const noPlace = (what: string): never => {
  throw new TypeError(`The SDK has no place for ${what}.`);
};

export interface SdkMediaParts {
  readonly baseUrl: string;
  readonly key: string;
  readonly model: string;
}

export function createSdkMedia(dialect: FakeDialectId, parts: SdkMediaParts): SdkMedia {
  switch (dialect) {
    case 'anthropic':
      return anthropicMedia(parts);
    case 'openai':
      return chatMedia(parts);
    case 'responses':
      return responsesMedia(parts);
    case 'gemini':
      return geminiMedia(parts);
  }
}

const QUESTION = 'What is it?';
const PDF = 'application/pdf';
const isSound = (mediaType: string): boolean => mediaType.startsWith('audio/');
const dataUri = ({ mediaType, data }: { readonly mediaType: string; readonly data: string }): string =>
  `data:${mediaType};base64,${data}`;

function anthropicMedia({ baseUrl, key, model }: SdkMediaParts): SdkMedia {
  const client = new Anthropic({ apiKey: key, baseURL: baseUrl, maxRetries: 0 });
  const asked = { model, max_tokens: 1000 };
  return {
    ask(input) {
      if (isSound(input.mediaType)) return noPlace('sound');
      if (input.type === 'upload') {
        const content: Anthropic.Beta.BetaContentBlockParam[] = [
          { type: 'image', source: { type: 'file', file_id: 'file_011CNha8iCJcU1wXNR6q4V8w' } },
          { type: 'text', text: QUESTION },
        ];
        return client.beta.messages.create({
          ...asked,
          betas: ['files-api-2025-04-14'],
          messages: [{ role: 'user', content }],
        });
      }
      const content: Anthropic.ContentBlockParam[] = [
        input.mediaType === PDF ? anthropicDocument(input) : anthropicImage(input),
        { type: 'text', text: QUESTION },
      ];
      return client.messages.create({ ...asked, messages: [{ role: 'user', content }] });
    },
    answerWithPicture(data) {
      const source = { type: 'base64' as const, media_type: 'image/png' as const, data };
      return client.messages.create({
        ...asked,
        tools: [{ name: 'shot', input_schema: { type: 'object' } }],
        messages: [
          { role: 'user', content: 'Take a shot.' },
          { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_01A', name: 'shot', input: {} }] },
          {
            role: 'user',
            content: [{ type: 'tool_result', tool_use_id: 'toolu_01A', content: [{ type: 'image', source }] }],
          },
        ],
      });
    },
  };
}

type Named = Exclude<MediaInput, { readonly type: 'upload' }>;

const anthropicDocument = (input: Named): Anthropic.DocumentBlockParam => ({
  type: 'document',
  source:
    input.type === 'url'
      ? { type: 'url', url: input.url }
      : { type: 'base64', media_type: 'application/pdf', data: input.data },
});

const anthropicImage = (input: Named): Anthropic.ImageBlockParam => ({
  type: 'image',
  source:
    input.type === 'url'
      ? { type: 'url', url: input.url }
      : { type: 'base64', media_type: 'image/png', data: input.data },
});

function chatMedia({ baseUrl, key, model }: SdkMediaParts): SdkMedia {
  const client = new OpenAI({ apiKey: key, baseURL: `${baseUrl}/v1`, maxRetries: 0 });
  return {
    ask(input) {
      const part = chatPart(input);
      const content = [{ type: 'text' as const, text: QUESTION }, part];
      return client.chat.completions.create({ model, messages: [{ role: 'user', content }] });
    },
    answerWithPicture: () => noPlace('pictures in results'),
  };
}

function chatPart(input: MediaInput): OpenAI.ChatCompletionContentPart {
  if (input.type === 'upload') return { type: 'file', file: { file_id: 'file-6F2ksmvXxt4VdoqmHRw6kL' } };
  if (isSound(input.mediaType)) {
    const { data } = input.type === 'bytes' ? input : noPlace('addresses of sounds');
    return { type: 'input_audio', input_audio: { data, format: 'wav' } };
  }
  if (input.mediaType === PDF) {
    const held = input.type === 'bytes' ? input : noPlace('addresses of documents');
    return { type: 'file', file: { filename: 'paper.pdf', file_data: dataUri(held) } };
  }
  return { type: 'image_url', image_url: { url: input.type === 'url' ? input.url : dataUri(input) } };
}

function responsesMedia({ baseUrl, key, model }: SdkMediaParts): SdkMedia {
  const client = new OpenAI({ apiKey: key, baseURL: `${baseUrl}/v1`, maxRetries: 0 });
  const ask = async (input: OpenAI.Responses.ResponseInputItem[]): Promise<unknown> =>
    expectAnswered(await client.responses.create({ model, input, store: false }));
  return {
    ask(input) {
      if (isSound(input.mediaType)) return noPlace('sound');
      return ask([{ role: 'user', content: [{ type: 'input_text', text: QUESTION }, responsesPart(input)] }]);
    },
    answerWithPicture: (data) =>
      ask([
        { role: 'user', content: 'Take a shot.' },
        { type: 'function_call', call_id: 'call_1', name: 'shot', arguments: '{}' },
        {
          type: 'function_call_output',
          call_id: 'call_1',
          output: [{ type: 'input_image', image_url: dataUri({ mediaType: 'image/png', data }), detail: 'auto' }],
        },
      ]),
  };
}

function responsesPart(input: MediaInput): OpenAI.Responses.ResponseInputContent {
  if (input.type === 'upload') return { type: 'input_file', file_id: 'file-6F2ksmvXxt4VdoqmHRw6kL' };
  if (input.mediaType !== PDF) {
    return { type: 'input_image', detail: 'auto', image_url: input.type === 'url' ? input.url : dataUri(input) };
  }
  return input.type === 'url'
    ? { type: 'input_file', file_url: input.url }
    : { type: 'input_file', filename: 'paper.pdf', file_data: dataUri(input) };
}

function geminiMedia({ baseUrl, key, model }: SdkMediaParts): SdkMedia {
  const client = new GoogleGenAI({
    apiKey: key,
    httpOptions: { baseUrl, apiVersion: 'v1beta', retryOptions: { attempts: 1 } },
  });
  const tools = [{ functionDeclarations: [{ name: 'shot' }] }];
  return {
    ask: (input) =>
      client.models.generateContent({
        model,
        contents: [{ role: 'user', parts: [{ text: QUESTION }, geminiPart(input)] }],
      }),
    answerWithPicture: (data) =>
      client.models.generateContent({
        model,
        config: { tools },
        contents: [
          { role: 'user', parts: [{ text: 'Take a shot.' }] },
          // The placeholder that Google documents for calls that it did not make itself.
          { role: 'model', parts: [{ functionCall: { id: 'c1', name: 'shot', args: {} }, thoughtSignature: SKIPPED }] },
          {
            role: 'user',
            parts: [
              {
                functionResponse: {
                  id: 'c1',
                  name: 'shot',
                  response: { result: 'taken' },
                  parts: [{ inlineData: { mimeType: 'image/png', data } }],
                },
              },
            ],
          },
        ],
      }),
  };
}

const SKIPPED = 'skip_thought_signature_validator';

function geminiPart(input: MediaInput): Part {
  const { mediaType: mimeType } = input;
  switch (input.type) {
    case 'bytes':
      return { inlineData: { mimeType, data: input.data } };
    case 'url':
      return { fileData: { mimeType, fileUri: input.url } };
    case 'upload':
      return { fileData: { mimeType, fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/abc-123' } };
  }
}
