import type { ProviderType } from './provider-type.ts';
import { anthropicType } from './types/anthropic.ts';
import { awsBedrockType } from './types/aws-bedrock.ts';
import { azureOpenaiType } from './types/azure-openai.ts';
import { gatewayType } from './types/gateway.ts';
import { geminiType } from './types/gemini.ts';
import { newApiType } from './types/new-api.ts';
import { ollamaType } from './types/ollama.ts';
import { openaiResponseType, openaiType } from './types/openai.ts';
import { vertexaiType } from './types/vertexai.ts';

/** Every type a provider row may have; a new type is a file in `types/` and a line here. */
export const PROVIDER_TYPES: ReadonlyMap<string, ProviderType> = new Map(
  [
    openaiType,
    openaiResponseType,
    anthropicType,
    geminiType,
    azureOpenaiType,
    vertexaiType,
    awsBedrockType,
    ollamaType,
    newApiType,
    gatewayType,
  ].map((type) => [type.type, type]),
);
