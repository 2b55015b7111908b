import type { FakeError } from './answer.ts';
import type { WrittenError } from './dialect.ts';
import type { RequestHead } from './recorded-request.ts';

/** `type` and `code` by status: protocols.md 2.4. */
const ERRORS: Readonly<
  Record<number, { readonly type: string; readonly code: string | null; readonly message?: string }>
> = {
  400: { type: 'invalid_request_error', code: null },
  401: { type: 'invalid_request_error', code: 'invalid_api_key', message: 'Incorrect API key provided.' },
  403: { type: 'invalid_request_error', code: 'permission_denied' },
  404: { type: 'invalid_request_error', code: 'model_not_found' },
  429: { type: 'requests', code: 'rate_limit_exceeded', message: 'Rate limit reached for requests.' },
  500: { type: 'server_error', code: null },
  503: { type: 'server_error', code: null, message: 'The server is overloaded.' },
};

/** An error as OpenAI answers it, on Chat Completions, Responses and the services beside them. */
export function writeOpenAiError(error: FakeError, request: RequestHead, param: string | null = null): WrittenError {
  const { retryAfterSeconds } = error;
  return {
    status: error.status,
    headers: {
      'content-type': 'application/json',
      'x-request-id': openAiRequestId(request.index),
      ...(retryAfterSeconds === undefined
        ? {}
        : {
            'retry-after': String(Math.ceil(retryAfterSeconds)),
            'retry-after-ms': String(retryAfterSeconds * 1000),
            'x-ratelimit-limit-requests': '60',
            'x-ratelimit-remaining-requests': '0',
            'x-ratelimit-reset-requests': `${retryAfterSeconds}s`,
          }),
      ...error.headers,
    },
    body: JSON.stringify({ error: openAiErrorFields(error, param) }),
  };
}

export function openAiErrorFields(error: FakeError, param: string | null = null): Readonly<Record<string, unknown>> {
  const usual = ERRORS[error.status];
  return {
    message: error.message ?? usual?.message ?? `Fake failure ${error.status}`,
    type: usual?.type ?? 'server_error',
    param,
    code: error.code ?? usual?.code ?? null,
  };
}

export function openAiRequestId(index: number): string {
  return `req_openai_fake_${index}`;
}

/** The key of `Authorization: Bearer`, as every OpenAI endpoint reads it. */
export function readBearerKey({ headers }: Pick<RequestHead, 'headers'>): string | undefined {
  return /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1];
}
