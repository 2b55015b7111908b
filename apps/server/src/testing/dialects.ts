import { CLIENT_KEY } from './start-app.ts';

/** How a client of each dialect asks, as plainly as the dialect allows. */
export interface DialectSample {
  readonly id: 'openai' | 'responses' | 'anthropic' | 'gemini';
  readonly providerType: string;
  readonly headers: Readonly<Record<string, string>>;
  path(model: string, isStream: boolean): string;
  body(model: string, isStream: boolean): Readonly<Record<string, unknown>>;
  /** The code, type or status that an error body of the dialect carries, with its message. */
  readError(body: unknown): { readonly type: unknown; readonly message: unknown };
  /** Whether a stream's text ends with the dialect's own error event. */
  endsWithError(text: string): boolean;
}

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};

const error = (body: unknown): Readonly<Record<string, unknown>> => record(record(body)['error']);

const lastFrame = (text: string): string =>
  text
    .trimEnd()
    .split(/\r?\n\r?\n/)
    .at(-1) ?? '';

const lastData = (text: string): Readonly<Record<string, unknown>> => {
  const line = lastFrame(text)
    .split(/\r?\n/)
    .find((candidate) => candidate.startsWith('data:'));
  return line === undefined || line.endsWith('[DONE]') ? {} : record(JSON.parse(line.slice(5)));
};

export const DIALECTS: readonly DialectSample[] = [
  {
    id: 'openai',
    providerType: 'openai',
    headers: { authorization: `Bearer ${CLIENT_KEY}`, 'content-type': 'application/json' },
    path: () => '/v1/chat/completions',
    body: (model, stream) => ({ model, messages: [{ role: 'user', content: 'hé 漢' }], ...(stream ? { stream } : {}) }),
    readError: (body) => ({ type: error(body)['code'], message: error(body)['message'] }),
    endsWithError: (text) => typeof record(lastData(text)['error'])['message'] === 'string',
  },
  {
    id: 'responses',
    providerType: 'openai-response',
    headers: { authorization: `Bearer ${CLIENT_KEY}`, 'content-type': 'application/json' },
    path: () => '/v1/responses',
    body: (model, stream) => ({ model, input: 'hé 漢', ...(stream ? { stream } : {}) }),
    readError: (body) => ({ type: error(body)['code'], message: error(body)['message'] }),
    endsWithError: (text) => ['response.failed', 'error'].includes(String(lastData(text)['type'])),
  },
  {
    id: 'anthropic',
    providerType: 'anthropic',
    headers: { 'x-api-key': CLIENT_KEY, 'anthropic-version': '2023-06-01', 'content-type': 'application/json' },
    path: () => '/v1/messages',
    body: (model, stream) => ({
      model,
      max_tokens: 100,
      messages: [{ role: 'user', content: 'hé 漢' }],
      ...(stream ? { stream } : {}),
    }),
    readError: (body) => ({ type: error(body)['type'], message: error(body)['message'] }),
    endsWithError: (text) => lastData(text)['type'] === 'error' && lastFrame(text).startsWith('event: error'),
  },
  {
    id: 'gemini',
    providerType: 'gemini',
    headers: { 'x-goog-api-key': CLIENT_KEY, 'content-type': 'application/json' },
    path: (model, isStream) =>
      `/v1beta/models/${model}:${isStream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: () => ({ contents: [{ role: 'user', parts: [{ text: 'hé 漢' }] }] }),
    readError: (body) => ({ type: error(body)['status'], message: error(body)['message'] }),
    endsWithError: (text) => typeof record(lastData(text)['error'])['status'] === 'string',
  },
];

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  readonly text: string;
}

export async function ask(
  baseUrl: string,
  dialect: DialectSample,
  options: {
    readonly model?: string;
    readonly isStream?: boolean;
    readonly headers?: Readonly<Record<string, string>>;
  } = {},
): Promise<Answered> {
  const { model = 'fake-model', isStream = false, headers = {} } = options;
  const response = await fetch(baseUrl + dialect.path(model, isStream), {
    method: 'POST',
    headers: { ...dialect.headers, ...headers },
    body: JSON.stringify(dialect.body(model, isStream)),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, bytes, text: bytes.toString('utf8') };
}
