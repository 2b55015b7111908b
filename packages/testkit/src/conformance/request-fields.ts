import { isDeepStrictEqual } from 'node:util';
import type { ChatRequest, ConversionChange } from '@proxycast/spec';
import type { FakeDialectId } from '../fake-upstream/recorded-request.ts';
import { propertyNamesOf } from './property-names.ts';
import type { RequestWay } from './request-way.ts';

/** What a target makes of a field: the rows of architecture/conversion.md. */
export type FieldRule =
  | 'equal'
  /** Equal, or changed and reported. */
  | 'adjusted'
  /** Gone, and reported. */
  | 'reported'
  /** Gone, or there: nobody sees a difference. */
  | 'silent';

export interface RequestField {
  readonly name: string;
  compare(asked: ChatRequest, arrived: ChatRequest, way: RequestWay): readonly string[];
}

type Rules = Readonly<Record<FakeDialectId, FieldRule>>;

const everywhere = (rule: FieldRule): Rules => ({ anthropic: rule, openai: rule, responses: rule, gemini: rule });

/** Scalar fields by row. What says how much to think has a row of its own below. */
const FIELDS: readonly (readonly [name: string, read: (request: ChatRequest) => unknown, rules: Rules])[] = [
  [
    'maxOutputTokens',
    ({ maxOutputTokens }) => maxOutputTokens,
    { ...everywhere('equal'), anthropic: 'adjusted', responses: 'adjusted' },
  ],
  ['temperature', ({ sampling }) => sampling?.temperature, { ...everywhere('equal'), anthropic: 'adjusted' }],
  ['topP', ({ sampling }) => sampling?.topP, { ...everywhere('equal'), anthropic: 'adjusted' }],
  [
    'topK',
    ({ sampling }) => sampling?.topK,
    { anthropic: 'adjusted', openai: 'silent', responses: 'silent', gemini: 'equal' },
  ],
  [
    'presencePenalty',
    ({ sampling }) => sampling?.presencePenalty,
    { anthropic: 'reported', openai: 'equal', responses: 'reported', gemini: 'equal' },
  ],
  [
    'frequencyPenalty',
    ({ sampling }) => sampling?.frequencyPenalty,
    { anthropic: 'reported', openai: 'equal', responses: 'reported', gemini: 'equal' },
  ],
  [
    'seed',
    ({ sampling }) => sampling?.seed,
    { anthropic: 'reported', openai: 'equal', responses: 'reported', gemini: 'equal' },
  ],
  [
    'logitBias',
    ({ sampling }) => sampling?.logitBias,
    { anthropic: 'reported', openai: 'equal', responses: 'reported', gemini: 'reported' },
  ],
  [
    'stop',
    ({ stop }) => (stop === undefined || stop.length === 0 ? undefined : stop),
    { anthropic: 'adjusted', openai: 'adjusted', responses: 'reported', gemini: 'adjusted' },
  ],
  ['choices', ({ choices }) => (choices === 1 ? undefined : choices), everywhere('equal')],
  [
    'logprobs',
    ({ logprobs }) => logprobs,
    { anthropic: 'reported', openai: 'equal', responses: 'equal', gemini: 'equal' },
  ],
  [
    'verbosity',
    ({ verbosity }) => verbosity,
    { anthropic: 'silent', openai: 'equal', responses: 'equal', gemini: 'silent' },
  ],
  ['userId', ({ userId }) => userId, { ...everywhere('equal'), gemini: 'silent' }],
  ['metadata', ({ metadata }) => metadata, { ...everywhere('silent'), openai: 'equal', responses: 'equal' }],
  ['cacheKey', ({ cacheKey }) => cacheKey, { ...everywhere('silent'), openai: 'equal', responses: 'equal' }],
  ['output', ({ output }) => outputOf(output), { ...everywhere('adjusted'), openai: 'equal', responses: 'equal' }],
  [
    'allowsParallelTools',
    (request) => (mayCall(request) && request.allowsParallelTools === false ? false : undefined),
    { ...everywhere('equal'), gemini: 'reported' },
  ],
  ['toolChoice', (request) => (hasTools(request) ? choiceOf(request) : undefined), everywhere('adjusted')],
];

export const REQUEST_FIELDS: readonly RequestField[] = [
  ...FIELDS.map(
    ([name, read, rules]): RequestField => ({
      name,
      compare(asked, arrived, way) {
        const [one, other] = [read(asked), read(nameBack(arrived, way))];
        const isSame = isDeepStrictEqual(one, other);
        const said = `${JSON.stringify(other)} instead of ${JSON.stringify(one)}`;
        switch (way.from === way.to ? 'equal' : rules[way.to]) {
          case 'equal':
            return isSame || one === undefined ? [] : [said];
          case 'adjusted':
            return isSame || one === undefined || isReported(name, way.changes) ? [] : [`${said}, without a report`];
          case 'reported':
            return one === undefined || isSame || isReported(name, way.changes) ? [] : [`${said}, without a report`];
          case 'silent':
            return [];
        }
      },
    }),
  ),
  {
    name: 'reasoning',
    compare({ reasoning: one }, { reasoning: other }, way) {
      if (one === undefined) return [];
      // Where nothing is said, Anthropic's models do not think.
      const mode = other?.mode ?? (way.to === 'anthropic' ? 'off' : 'auto');
      // Off stays off and on stays on, or it is said; how much is the table of efforts and budgets.
      const isKept = one.mode === 'auto' || (one.mode === 'off') === (mode === 'off');
      return isKept || isReported('reasoning', way.changes) ? [] : [`${mode} instead of ${one.mode}, without a report`];
    },
  },
];

/** The choice by the client's own name of the tool. */
function nameBack(request: ChatRequest, { bridge }: RequestWay): ChatRequest {
  const { toolChoice } = request;
  const own = (name: string) => bridge?.tools.get(name)?.name ?? name;
  if (toolChoice?.type === 'named') return { ...request, toolChoice: { ...toolChoice, name: own(toolChoice.name) } };
  return toolChoice?.type === 'allowed'
    ? { ...request, toolChoice: { ...toolChoice, names: toolChoice.names.map(own) } }
    : request;
}

/** Names under which dialects know a field. */
const NAMES: Readonly<Record<string, RegExp>> = {
  maxOutputTokens: /max.*tokens/i,
  temperature: /temperature|thinking|reasoning/,
  topP: /top_?p/i,
  topK: /top_?k/i,
  presencePenalty: /presence_?penalty/i,
  frequencyPenalty: /frequency_?penalty/i,
  seed: /seed/,
  logitBias: /logit_bias/,
  stop: /stop/i,
  logprobs: /logprobs/i,
  output: /output|format|schema|response_?mime/i,
  allowsParallelTools: /parallel/,
  toolChoice: /tool|function|choice/i,
  reasoning: /reasoning|thinking|effort/i,
};

function isReported(name: string, changes: readonly ConversionChange[]): boolean {
  const pattern = NAMES[name];
  return changes.some(({ field }) => pattern?.test(field) === true);
}

const mayCall = (request: ChatRequest): boolean => hasTools(request) && request.toolChoice?.type !== 'none';
const hasTools = ({ tools }: ChatRequest): boolean => tools.length > 0;

function choiceOf({ toolChoice }: ChatRequest): unknown {
  if (toolChoice === undefined || toolChoice.type === 'auto') return undefined;
  // One name that must be called and a list of that one name say the same.
  if (toolChoice.type === 'allowed' && toolChoice.mode === 'required' && toolChoice.names.length === 1) {
    return { type: 'named', name: toolChoice.names[0] };
  }
  return toolChoice.type === 'named' ? { type: 'named', name: toolChoice.name } : toolChoice;
}

function outputOf(output: ChatRequest['output']): unknown {
  if (output === undefined || output.type === 'text') return undefined;
  return output.type === 'json' ? output : { type: 'schema', properties: propertyNamesOf(output.schema) };
}
