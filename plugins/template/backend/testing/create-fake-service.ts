import { randomUUID } from 'node:crypto';
import type { FakeUpstream, FakeUpstreamAnswer, FakeUpstreamRequest } from '@proxycast/plugin-sdk/testing';

/** The sample service, as strict as a real one: tokens end, refresh tokens are good once, bodies are checked. */
export interface FakeService {
  readonly upstream: FakeUpstream;
  /** A refresh token of an account that exists. */
  createAccount(): string;
  /** A person enters the code that a device login shows. */
  enterCode(userCode: string): void;
  expireTokens(): void;
  /** The next request for an answer gets this instead. */
  failNext(answer: FakeUpstreamAnswer): void;
}

const LIFE_SECONDS = 3600;

export function createFakeService(): FakeService {
  const accessTokens = new Set<string>();
  const refreshTokens = new Set<string>();
  const devices = new Map<string, { readonly userCode: string; isEntered: boolean }>();
  const failures: FakeUpstreamAnswer[] = [];

  function giveTokens(): FakeUpstreamAnswer {
    const [access, refresh] = [`at-${randomUUID()}`, `rt-${randomUUID()}`];
    accessTokens.add(access);
    refreshTokens.add(refresh);
    return { body: { access_token: access, refresh_token: refresh, expires_in: LIFE_SECONDS, token_type: 'Bearer' } };
  }

  function token(request: FakeUpstreamRequest): FakeUpstreamAnswer {
    const form = request.form();
    if (form.get('grant_type') === 'refresh_token') {
      // Good once: a second use means that somebody has a copy.
      if (refreshTokens.delete(form.get('refresh_token') ?? '')) return giveTokens();
      return { status: 400, body: { error: 'invalid_grant', error_description: 'Unknown or used refresh token' } };
    }
    const device = devices.get(form.get('device_code') ?? '');
    if (device === undefined) return { status: 400, body: { error: 'expired_token' } };
    if (!device.isEntered) return { status: 400, body: { error: 'authorization_pending' } };
    devices.delete(form.get('device_code') ?? '');
    return giveTokens();
  }

  function device(): FakeUpstreamAnswer {
    const [deviceCode, userCode] = [randomUUID(), `S-${randomUUID().slice(0, 4).toUpperCase()}`];
    devices.set(deviceCode, { userCode, isEntered: false });
    return {
      body: {
        device_code: deviceCode,
        user_code: userCode,
        verification_uri: 'https://sample.example/device',
        interval: 5,
        expires_in: 600,
      },
    };
  }

  const isKnown = ({ headers }: FakeUpstreamRequest): boolean =>
    accessTokens.has((headers.get('authorization') ?? '').replace(/^Bearer /, ''));

  return {
    upstream: (request) => {
      const { method, url } = request;
      switch (`${method} ${url.pathname}`) {
        case 'POST /device':
          return device();
        case 'POST /token':
          return token(request);
        case 'GET /models':
          return { body: { models: ['sample-small', 'sample-chat', 'sample-lines'] } };
      }
      if (!isKnown(request)) return { status: 401, body: { error: 'token_expired', message: 'Renew the token.' } };
      switch (`${method} ${url.pathname}`) {
        case 'GET /account':
          return { body: { used: 3, limit: 50, resets_at: Date.UTC(2026, 11, 1) } };
        case 'POST /v1/chat/completions':
          return failures.shift() ?? answerChat(request);
        case 'POST /v1/lines':
          return failures.shift() ?? answerLines(request);
        default:
          return undefined;
      }
    },
    createAccount() {
      const refresh = `rt-${randomUUID()}`;
      refreshTokens.add(refresh);
      return refresh;
    },
    enterCode(userCode) {
      for (const one of devices.values()) if (one.userCode === userCode) one.isEntered = true;
    },
    expireTokens: () => accessTokens.clear(),
    failNext: (answer) => void failures.push(answer),
  };
}

function refuse(message: string): FakeUpstreamAnswer {
  return { status: 400, body: { error: 'invalid', message } };
}

function answerLines(request: FakeUpstreamRequest): FakeUpstreamAnswer {
  const body = request.json();
  if (typeof body !== 'object' || body === null || !('turns' in body) || !Array.isArray(body.turns)) {
    return refuse('turns is missing');
  }
  const unknown = Object.keys(body).filter((name) => !['model', 'stream', 'turns'].includes(name));
  if (unknown.length > 0) return refuse(`${unknown.join(', ')} is not known`);
  const last: unknown = body.turns.at(-1);
  const says = typeof last === 'object' && last !== null && 'says' in last ? String(last.says) : '';
  if (says === '') return refuse('the last turn says nothing');
  const words = `You said: ${says}`.split(/(?<= )/);
  const lines = [...words.map((say) => ({ say })), { done: { in: says.length, out: words.length } }];
  return {
    headers: { 'content-type': 'application/x-ndjson' },
    chunks: lines.map((line) => Buffer.from(`${JSON.stringify(line)}\n`)),
  };
}

function answerChat(request: FakeUpstreamRequest): FakeUpstreamAnswer {
  const body = request.json();
  if (typeof body !== 'object' || body === null || !('messages' in body) || !Array.isArray(body.messages)) {
    return refuse('messages is missing');
  }
  const last: unknown = body.messages.at(-1);
  const content = typeof last === 'object' && last !== null && 'content' in last ? last.content : '';
  const says = `You said: ${typeof content === 'string' ? content : JSON.stringify(content)}`;
  const model = 'model' in body ? String(body.model) : '';
  const head = { id: `chatcmpl-${randomUUID()}`, created: 1_790_000_000, model };
  const usage = { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 };
  if (!('stream' in body) || body.stream !== true) {
    const message = { role: 'assistant', content: says };
    const choices = [{ index: 0, message, finish_reason: 'stop' }];
    return { body: { ...head, object: 'chat.completion', choices, usage } };
  }
  const chunk = (delta: object, finish: string | null): object => ({
    ...head,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  const chunks = [
    chunk({ role: 'assistant', content: '' }, null),
    ...says.split(/(?<= )/).map((text) => chunk({ content: text }, null)),
    chunk({}, 'stop'),
    { ...head, object: 'chat.completion.chunk', choices: [], usage },
  ];
  return {
    headers: { 'content-type': 'text/event-stream' },
    chunks: [...chunks.map((one) => `data: ${JSON.stringify(one)}\n\n`), 'data: [DONE]\n\n'].map((text) =>
      Buffer.from(text),
    ),
  };
}
