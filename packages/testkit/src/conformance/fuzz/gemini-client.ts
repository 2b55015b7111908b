import { isObject, isString, type JsonObject, objectsOf, parseJson } from '../../json.ts';
import { type FuzzClient, LONG_NAME } from './fuzz-client.ts';
import type { FuzzPart, FuzzResult, FuzzTool } from './fuzz-plan.ts';

export const geminiClient: FuzzClient = {
  names: ['read', 'write-file', 'files.list:all', '_private', LONG_NAME],
  ask({ system, parts, tools, choice, thinks, bound }) {
    return {
      ...(system === undefined ? {} : { systemInstruction: { parts: [{ text: system }] } }),
      contents: [{ role: 'user', parts: partsOf(parts) }],
      ...(tools.length === 0 ? {} : { tools: [{ functionDeclarations: tools.map(declarationOf) }] }),
      ...(choice === undefined
        ? {}
        : {
            toolConfig: {
              functionCallingConfig: {
                mode: choice.type === 'auto' ? 'AUTO' : 'ANY',
                ...(choice.type === 'named' ? { allowedFunctionNames: [choice.name] } : {}),
              },
            },
          }),
      generationConfig: {
        maxOutputTokens: bound,
        ...(thinks ? { thinkingConfig: { includeThoughts: true, thinkingBudget: 2048 } } : {}),
      },
    };
  },
  goOn(before, answer, { resultOf, parts, isShuffled }) {
    const [candidate] = objectsOf(answer.candidates);
    const content = isObject(candidate?.content) ? candidate.content : {};
    const given = objectsOf(content.parts);
    const calls = given.map(({ functionCall }) => functionCall).filter(isObject);
    // Responses follow the order of their calls: the service matches them by it.
    const responses = calls.map((call, place) => ({
      functionResponse: {
        ...(isString(call.id) ? { id: call.id } : {}),
        name: call.name,
        ...responseOf(resultOf(place)),
      },
    }));
    const words = calls.length > 0 && !isShuffled ? [] : partsOf(parts);
    const { toolConfig: _demand, ...rest } = before;
    return {
      ...rest,
      contents: [
        ...objectsOf(before.contents),
        ...(given.length === 0 ? [] : [{ role: 'model', parts: given }]),
        { role: 'user', parts: [...responses, ...words] },
      ],
    };
  },
};

function responseOf({ parts, isError }: FuzzResult): JsonObject {
  const text = parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
  const value = parseJson(text);
  const pictures = parts.flatMap((part) =>
    part.type === 'image' ? [{ inlineData: { mimeType: 'image/png', data: part.data } }] : [],
  );
  return {
    response: isError ? { error: text } : isObject(value) ? value : { result: text },
    ...(pictures.length === 0 ? {} : { parts: pictures }),
  };
}

/** Addresses of the web are not read by the service: such a client sends bytes. */
function partsOf(parts: readonly FuzzPart[]): readonly JsonObject[] {
  return parts.flatMap((part): readonly JsonObject[] => {
    if (part.type === 'text') return [{ text: part.text }];
    return part.type === 'image' ? [{ inlineData: { mimeType: 'image/png', data: part.data } }] : [];
  });
}

function declarationOf({ name, description, schema }: FuzzTool): JsonObject {
  return {
    name,
    ...(description === undefined ? {} : { description }),
    parametersJsonSchema: schema ?? { type: 'object', properties: { text: { type: 'string' } } },
  };
}
