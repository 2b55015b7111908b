import type { ScriptedMessage } from '../../fake-upstream/answer.ts';
import { isObject, type JsonObject, objectsOf } from '../../json.ts';
import type { ChoiceFacts } from '../answer-facts.ts';
import type { ConformanceDialect } from '../conformance-dialect.ts';
import { type AnswerLook, lookAtAnswer, type SaidAnswer } from './answer-look.ts';
import type { Capability, CapabilityGroup } from './capability.ts';

const answered = (title: string, look: AnswerLook): Capability => ({
  title,
  look: (client, upstream) => lookAtAnswer(look, client, upstream),
});

const everywhere = (...answers: readonly SaidAnswer[]): AnswerLook['says'] => ({
  anthropic: answers,
  openai: answers,
  responses: answers,
  gemini: answers,
});
const scripted = (message: ScriptedMessage): AnswerLook['says'] => everywhere({ scripted: message });

const choiceOf = (dialect: ConformanceDialect, body: JsonObject): ChoiceFacts | undefined =>
  dialect.raw.read(body).choices[0];
const usageOf =
  (field: 'input' | 'output' | 'cacheRead' | 'cacheWrite' | 'reasoning'): AnswerLook['read'] =>
  (dialect, body) =>
    dialect.raw.read(body).usage?.[field];
const squash = (text: string): string => text.replace(/\n+/g, '');

const ANSWERS: readonly Capability[] = [
  answered('text', {
    says: everywhere({ scripted: { text: 'Grüße, 漢字 and 👩‍👩‍👧.' } }),
    read: (dialect, body) => choiceOf(dialect, body)?.text,
  }),
  answered('parallel calls', {
    says: scripted({
      text: 'Two calls.',
      calls: [
        { name: 'read', input: { path: 'a', deep: { list: [1, null, 'ü'] } } },
        { name: 'list', input: {} },
      ],
    }),
    read: (dialect, body) => choiceOf(dialect, body)?.calls.map(({ name, input }) => [name, input]),
  }),
  answered('answer that is nothing', {
    says: scripted({ text: '' }),
    read: (dialect, body) => [choiceOf(dialect, body)?.text, choiceOf(dialect, body)?.calls],
  }),
  answered('refusal', {
    says: {
      anthropic: ['anthropic/ver-anthropic-refusal.json', 'anthropic/ver-anthropic-refusal.sse'],
      openai: [
        'openai-chat/mir-refusal-openai-gpt-4o-completions-async.json',
        'openai-chat/mir-refusal-openai-gpt-4o-completions-async-stream.sse',
      ],
      responses: [
        'openai-responses/mir-refusal-openai-gpt-4o-responses-sync.json',
        'openai-responses/mir-refusal-openai-gpt-4o-responses-stream.sse',
      ],
      gemini: [{ scripted: { text: 'No.', stop: 'refusal' } }],
    },
    read: (dialect, body) => {
      const choice = choiceOf(dialect, body);
      const isRefusal = choice?.stop === 'refusal' || (choice?.refusal ?? '') !== '';
      return [isRefusal, `${choice?.text}${choice?.refusal}`];
    },
  }),
  answered('stopped by the bound', {
    says: scripted({ text: 'Cut', stop: 'length' }),
    read: (dialect, body) => choiceOf(dialect, body)?.stop,
  }),
  answered('stopped for calls', {
    says: scripted({ calls: [{ name: 'list', input: {} }] }),
    read: (dialect, body) => choiceOf(dialect, body)?.stop,
  }),
  answered('stopped by a stop sequence, which one', {
    says: {
      anthropic: [
        {
          id: 'msg_1',
          type: 'message',
          role: 'assistant',
          model: 'm',
          content: [{ type: 'text', text: 'One' }],
          stop_reason: 'stop_sequence',
          stop_sequence: 'END',
          usage: { input_tokens: 1, output_tokens: 1 },
        },
      ],
    },
    read: (dialect, body) => [choiceOf(dialect, body)?.stop, body.stop_sequence],
    loss: { openai: 'a natural end', responses: 'a natural end', gemini: 'a natural end' },
  }),
  answered('citations of pages', {
    says: {
      anthropic: [
        'anthropic/rub-chat-web-search-with-anthropic-claude-haiku-4-5-searches-cites-and-reports-tool-.json',
      ],
      openai: ['openai-chat/rub-chat-citations-with-openai-gpt-4o-mini-search-preview-returns-url-citations-when.json'],
      responses: [
        'openai-responses/ver-openai-web-search-tool-1.json',
        'openai-responses/ver-openai-web-search-tool-1.sse',
      ],
      gemini: ['gemini/rub-chat-citations-with-gemini-gemini-2-5-flash-returns-grounding-citations-when-sea.json'],
    },
    read: (dialect, body) => choiceOf(dialect, body)?.cited.toSorted(),
  }),
  answered('several answers', {
    says: { openai: ['openai-chat/otel-async-chat-completion-multiple-choices.json'] },
    read: (dialect, body) => dialect.raw.read(body).choices.length,
    loss: { anthropic: 'the first of them', responses: 'the first of them' },
  }),
  answered('log probabilities', {
    says: {
      gemini: ['gemini/pyd-google-vertex-logprobs.json'],
      openai: [chatLogprobs()],
      responses: [responsesLogprobs()],
    },
    read: ({ id }, body) => logprobsIn(id, body),
    loss: { anthropic: 'left out: the dialect has none' },
  }),
  answered('picture made by the model', {
    says: {
      responses: [
        'openai-responses/ver-openai-image-generation-tool-1.json',
        'openai-responses/ver-openai-image-generation-tool-1.sse',
      ],
      gemini: [
        {
          candidates: [
            {
              content: { role: 'model', parts: [{ inlineData: { mimeType: 'image/png', data: 'aGk=' } }] },
              finishReason: 'STOP',
            },
          ],
          usageMetadata: { promptTokenCount: 1, totalTokenCount: 1 },
          responseId: 'r',
        },
      ],
    },
    read: (dialect, body) => choiceOf(dialect, body)?.pictures,
    loss: { anthropic: 'left out: the dialect has no pictures of the model’s' },
  }),
  answered('sound made by the model', {
    says: {
      openai: [chatSound()],
      gemini: ['gemini/rub-speech-basic-functionality-gemini-gemini-2-5-flash-preview-tts-can-speak.json'],
    },
    read: ({ id }, body) => (hasSound(id, body) ? true : undefined),
    loss: {
      anthropic: 'left out: the dialect has no sound of the model’s',
      responses: 'left out: the dialect has no sound of the model’s',
      gemini: 'its bytes, as `application/octet-stream`: the answer does not name their form',
    },
  }),
];

const USAGE: readonly Capability[] = [
  answered('input and output', {
    says: scripted({ text: 'One.', usage: { input: 1000, output: 50 } }),
    read: (dialect, body) => [usageOf('input')(dialect, body), usageOf('output')(dialect, body)],
  }),
  answered('read from the cache', {
    says: scripted({ text: 'One.', usage: { input: 1000, cacheRead: 300, output: 50 } }),
    read: usageOf('cacheRead'),
  }),
  answered('written to the cache', {
    says: { anthropic: [{ scripted: { text: 'One.', usage: { input: 1000, cacheWrite: 200, output: 50 } } }] },
    read: usageOf('cacheWrite'),
    loss: { gemini: 'left out: the dialect has no such count' },
  }),
  answered('reasoning', {
    says: Object.fromEntries(
      (['openai', 'responses', 'gemini'] as const).map((id) => [
        id,
        [{ scripted: { text: 'One.', usage: { input: 1000, output: 90, reasoning: 40 } } }],
      ]),
    ),
    read: usageOf('reasoning'),
  }),
];

const THINKING: readonly Capability[] = [
  answered('shown', {
    says: scripted({ thinking: 'First this, then that.', text: 'Done.' }),
    read: (dialect, body) => squash((choiceOf(dialect, body)?.thinking ?? []).join('')),
  }),
];

function hasSound(id: ConformanceDialect['id'], body: JsonObject): boolean {
  if (id === 'openai') {
    return objectsOf(body.choices).some(({ message }) => isObject(message) && isObject(message.audio));
  }
  const [candidate = {}] = objectsOf(body.candidates);
  const parts = isObject(candidate.content) ? objectsOf(candidate.content.parts) : [];
  return parts.some(({ inlineData }) => isObject(inlineData) && String(inlineData.mimeType).startsWith('audio/'));
}

function logprobsIn(id: ConformanceDialect['id'], body: JsonObject): unknown {
  const rounded = (list: readonly JsonObject[], name: string) =>
    list.map((entry) => [entry.token, Number(Number(entry[name]).toFixed(4))]);
  switch (id) {
    case 'anthropic':
      return undefined;
    case 'openai': {
      const [choice = {}] = objectsOf(body.choices);
      return isObject(choice.logprobs) ? rounded(objectsOf(choice.logprobs.content), 'logprob') : undefined;
    }
    case 'responses': {
      const parts = objectsOf(body.output).flatMap(({ content }) => objectsOf(content));
      const list = parts.flatMap(({ logprobs }) => objectsOf(logprobs));
      return list.length === 0 ? undefined : rounded(list, 'logprob');
    }
    case 'gemini': {
      const [candidate = {}] = objectsOf(body.candidates);
      const result = candidate.logprobsResult;
      return isObject(result) ? rounded(objectsOf(result.chosenCandidates), 'logProbability') : undefined;
    }
  }
}

function chatSound(): JsonObject {
  const audio = { id: 'audio_1', data: 'UklGRiQAAABXQVZF', expires_at: 2_000_000_000, transcript: 'One.' };
  const message = { role: 'assistant', content: null, refusal: null, audio };
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message, logprobs: null, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  };
}

function chatLogprobs(): JsonObject {
  const content = [{ token: 'One', logprob: -0.25, bytes: [79, 110, 101], top_logprobs: [] }];
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: 'One', refusal: null },
        logprobs: { content, refusal: null },
        finish_reason: 'stop',
      },
    ],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  };
}

function responsesLogprobs(): JsonObject {
  const logprobs = [{ token: 'One', logprob: -0.25, bytes: [79, 110, 101], top_logprobs: [] }];
  return {
    id: 'resp_1',
    object: 'response',
    created_at: 1,
    status: 'completed',
    model: 'm',
    output: [
      {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: 'One', annotations: [], logprobs }],
      },
    ],
    usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 },
  };
}

export const ANSWER_GROUPS: readonly CapabilityGroup[] = [
  { title: 'Answers, whole and streamed', capabilities: ANSWERS },
  { title: 'Usage', capabilities: USAGE },
  { title: 'Thinking, in the answer', capabilities: THINKING },
];
