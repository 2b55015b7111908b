import type { ChatRequest, DecodeRequestContext, JsonObject } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { GEMINI } from './base-id.ts';
import { decodeContents, decodeSystemInstruction } from './decode-contents.ts';
import { decodeGenerationConfig } from './decode-generation-config.ts';
import { decodeToolConfig } from './decode-tool-config.ts';
import { decodeTools } from './decode-tools.ts';
import { extensionOf, fieldsOf, listOf } from './field-names.ts';
import { mapServiceTier } from './map-service-tier.ts';
import { refusal } from './refusal.ts';

/**
 * Takes the camel case of the documents and the snake case that the API takes too, and one value where a list is meant,
 * as its transcoder does. Throws InvalidRequestError, naming the field: `contents[0].role`.
 */
export function decodeRequest(body: unknown, { pathModel, isStream, isTokenCount }: DecodeRequestContext): ChatRequest {
  if (!isObject(body)) throw refusal('', 'The request body must be a JSON object.');
  if (pathModel === undefined || pathModel === '') throw refusal('model', 'The path must name a model.');
  // Tokens are counted of contents alone, or of a whole request inside this field.
  const outer = fieldsOf(body);
  const request = isObject(outer.generateContentRequest) ? fieldsOf(outer.generateContentRequest) : outer;
  // The path names the model; the body may repeat it.
  const { contents, systemInstruction, tools, toolConfig, generationConfig, serviceTier, model: _, ...rest } = request;
  if (contents === undefined) throw refusal('contents', 'contents: a list of contents is required.');
  if (listOf(contents).length === 0) throw refusal('contents', 'contents: at least one content is required.');
  const system = systemInstruction === undefined ? [] : [decodeSystemInstruction(systemInstruction)];
  const { toolChoice, kept: keptToolConfig } = decodeToolConfig(toolConfig);
  const { fields, kept: keptGenerationConfig } = decodeGenerationConfig(generationConfig);
  const tier = mapServiceTier(serviceTier);
  const isFlatCount = isTokenCount === true && request === outer && Object.keys(request).length > 1;
  const kept: JsonObject | undefined = extensionOf({
    ...rest,
    ...(isFlatCount ? { isFlatCount } : {}),
    ...(keptToolConfig === undefined ? {} : { toolConfig: keptToolConfig }),
    ...(keptGenerationConfig === undefined ? {} : { generationConfig: keptGenerationConfig }),
    ...(serviceTier === undefined || tier !== undefined ? {} : { serviceTier }),
  });
  return {
    protocol: GEMINI,
    model: pathModel,
    stream: isStream,
    turns: [...system, ...decodeContents(contents)],
    tools: tools === undefined ? [] : decodeTools(tools),
    ...(toolChoice === undefined ? {} : { toolChoice }),
    ...fields,
    ...(tier === undefined ? {} : { serviceTier: tier }),
    // A part of the conversation that only the service has.
    ...(rest.cachedContent === undefined ? {} : { keptByService: ['cachedContent'] }),
    ...(kept === undefined ? {} : { extensions: { [GEMINI]: kept } }),
  };
}
