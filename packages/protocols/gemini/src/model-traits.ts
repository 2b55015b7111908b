/** What models of the dialect take, as far as it differs between them: https://ai.google.dev/gemini-api/docs, seen 2026-11-24. */
export interface ModelTraits {
  readonly thinking: ThinkingTraits;
  /** Calls have ids, which results repeat. */
  readonly takesCallIds: boolean;
  /** A call of the running turn must come back with a signature. */
  readonly needsSignatures: boolean;
  /** A result may hold files; elsewhere they stand behind the results. */
  readonly takesResultMedia: boolean;
  /** Functions beside tools of the service, and JSON output beside functions. */
  readonly mixesTools: boolean;
  /** A connection to an MCP server is a tool. */
  readonly takesMcp: boolean;
}

export type ThinkingTraits =
  | { readonly type: 'none' }
  /** In tokens. `min` is the least a model thinks with; 0 switches it off. */
  | { readonly type: 'budget'; readonly min: number; readonly max: number; readonly canTurnOff: boolean }
  /** From the least to the most. */
  | { readonly type: 'level'; readonly levels: readonly ThinkingLevel[] };

export type ThinkingLevel = 'MINIMAL' | 'LOW' | 'MEDIUM' | 'HIGH';

const NO_THINKING: ThinkingTraits = { type: 'none' };
const PRO_BUDGET: ThinkingTraits = { type: 'budget', min: 128, max: 32_768, canTurnOff: false };
const FLASH_BUDGET: ThinkingTraits = { type: 'budget', min: 1, max: 24_576, canTurnOff: true };
const LITE_BUDGET: ThinkingTraits = { type: 'budget', min: 512, max: 24_576, canTurnOff: true };
/** Models whose name says no version: any of them takes a budget within these bounds, and newer ones still do. */
const ANY_BUDGET: ThinkingTraits = { type: 'budget', min: 512, max: 24_576, canTurnOff: false };

/** `name` as the path has it: `gemini-3-pro-preview`, `models/…`, `publishers/google/models/…`. */
export function modelTraits(name: string): ModelTraits {
  const model = name.slice(name.lastIndexOf('/') + 1).toLowerCase();
  const version = versionOf(model);
  const isNew = version >= 3;
  return {
    thinking: thinkingOf(model, version),
    takesCallIds: isNew,
    needsSignatures: isNew,
    takesResultMedia: isNew,
    mixesTools: isNew,
    takesMcp: isNew,
  };
}

const LATEST = 3;
const UNKNOWN = 0;

function versionOf(model: string): number {
  const version = /^gemini-(\d+(?:\.\d+)?)(?:-|$)/.exec(model)?.[1];
  if (version !== undefined) return Number(version);
  // `gemini-flash-latest` and its like move with the newest generation.
  return /^gemini-[a-z-]+-latest$/.test(model) ? LATEST : UNKNOWN;
}

function thinkingOf(model: string, version: number): ThinkingTraits {
  // Models for pictures and for speech answer at once.
  if (model.includes('image') || model.includes('tts') || model.startsWith('gemma')) return NO_THINKING;
  if (version === UNKNOWN || model.endsWith('-latest')) return ANY_BUDGET;
  if (version < 2.5) return model.includes('thinking') ? ANY_BUDGET : NO_THINKING;
  const isPro = model.includes('-pro');
  if (version < 3) return isPro ? PRO_BUDGET : model.includes('flash-lite') ? LITE_BUDGET : FLASH_BUDGET;
  if (!isPro) return { type: 'level', levels: ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH'] };
  return { type: 'level', levels: version < 3.1 ? ['LOW', 'HIGH'] : ['LOW', 'MEDIUM', 'HIGH'] };
}
