import type { EffortWord } from './chat-variant.ts';

/** What OpenAI's models take, known by their names. Everything is taken by a model whose name says nothing. */
export interface ModelTraits {
  /** Thinks before it answers: its bound on the answer has the newer name. */
  readonly isReasoning: boolean;
  /** Words of `reasoning_effort`; empty: the parameter is refused. Absent: not known. */
  readonly efforts?: readonly EffortWord[];
  /** Temperature, top_p, penalties, logit_bias, logprobs. */
  readonly sampling: 'taken' | 'without-effort' | 'refused';
  readonly takesStop: boolean;
  readonly takesParallelChoice: boolean;
  /** Made to search: takes `web_search_options`. */
  readonly isSearch: boolean;
}

const ANY: ModelTraits = {
  isReasoning: false,
  sampling: 'taken',
  takesStop: true,
  takesParallelChoice: true,
  isSearch: false,
};
const PLAIN: ModelTraits = { ...ANY, efforts: [] };
/** They search at once and are told nothing about how. */
const SEARCH: ModelTraits = { ...PLAIN, sampling: 'refused', isSearch: true };
const REASONING: ModelTraits = {
  ...ANY,
  isReasoning: true,
  efforts: ['low', 'medium', 'high'],
  sampling: 'refused',
  takesStop: false,
};

/** By the tables of OpenAI's model pages, seen 2026-11-24. */
export function traitsOf(model: string): ModelTraits {
  const name = model.slice(model.lastIndexOf('/') + 1).toLowerCase();
  if (name.startsWith('chatgpt-') || name.startsWith('gpt-4') || name.startsWith('gpt-3.5')) {
    return name.includes('-search') ? SEARCH : PLAIN;
  }
  if (/^o[1-9](-|$)/.test(name)) {
    return { ...REASONING, takesStop: /^o1|^o3-mini/.test(name), takesParallelChoice: false };
  }
  const version = /^gpt-([5-9]|[1-9]\d)(?:\.(\d{1,3}))?(-|$)/.exec(name);
  if (version === null) return ANY;
  const [, major, minor = '0'] = version;
  return traitsOfVersion(name, Number(major) * 1000 + Number(minor));
}

const FIRST = 5000;
const WITH_NONE = 5001;
const WITH_XHIGH = 5002;

function traitsOfVersion(name: string, version: number): ModelTraits {
  if (name.includes('-search')) return { ...SEARCH, isReasoning: true };
  if (name.includes('-chat')) return { ...PLAIN, isReasoning: true };
  if (name.includes('-pro')) {
    return { ...REASONING, efforts: version < WITH_XHIGH ? ['high'] : ['medium', 'high', 'xhigh'] };
  }
  if (version === FIRST) {
    return { ...REASONING, efforts: name.includes('codex') ? REASONING_EFFORTS : ['minimal', ...REASONING_EFFORTS] };
  }
  if (version === WITH_NONE) {
    const efforts = ['none', ...REASONING_EFFORTS] as const;
    return {
      ...REASONING,
      efforts: name.includes('codex-max') ? [...efforts, 'xhigh'] : efforts,
      sampling: 'without-effort',
    };
  }
  return { ...REASONING, efforts: ['none', ...REASONING_EFFORTS, 'xhigh'], sampling: 'without-effort' };
}

const REASONING_EFFORTS = ['low', 'medium', 'high'] as const;
