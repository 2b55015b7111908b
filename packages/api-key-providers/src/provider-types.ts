import type { ProviderType } from './provider-type.ts';
import { anthropicType } from './types/anthropic.ts';
import { geminiType } from './types/gemini.ts';
import { openaiResponseType, openaiType } from './types/openai.ts';

/** Every type a provider row may have; a new type is a file in `types/` and a line here. */
export const PROVIDER_TYPES: ReadonlyMap<string, ProviderType> = new Map(
  [openaiType, openaiResponseType, anthropicType, geminiType].map((type) => [type.type, type]),
);
