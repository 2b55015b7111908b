import type { FakeDialectId } from '../../fake-upstream/recorded-request.ts';
import type { JsonObject } from '../../json.ts';

export type PerDialect = Readonly<Record<FakeDialectId, JsonObject>>;

/** A user's message of these parts, each in its dialect's form. */
export const said = (parts: Partial<PerDialect>): Partial<PerDialect> => ({
  ...(parts.anthropic === undefined
    ? {}
    : { anthropic: { messages: [{ role: 'user', content: [{ type: 'text', text: 'Look.' }, parts.anthropic] }] } }),
  ...(parts.openai === undefined
    ? {}
    : { openai: { messages: [{ role: 'user', content: [{ type: 'text', text: 'Look.' }, parts.openai] }] } }),
  ...(parts.responses === undefined
    ? {}
    : { responses: { input: [{ role: 'user', content: [{ type: 'input_text', text: 'Look.' }, parts.responses] }] } }),
  ...(parts.gemini === undefined
    ? {}
    : { gemini: { contents: [{ role: 'user', parts: [{ text: 'Look.' }, parts.gemini] }] } }),
});

/** A function in each dialect's words. */
export function declared(name: string, schema: JsonObject, more: { readonly isStrict?: boolean } = {}): PerDialect {
  const strict = more.isStrict === undefined ? {} : { strict: more.isStrict };
  const description = `The tool ${name}.`;
  return {
    anthropic: { name, description, input_schema: schema, ...strict },
    openai: { type: 'function', function: { name, description, parameters: schema, ...strict } },
    responses: { type: 'function', name, description, parameters: schema, strict: more.isStrict ?? false },
    gemini: { name, description, parametersJsonSchema: schema },
  };
}

/** A question with tools. */
export const withTools = (...tools: readonly PerDialect[]): PerDialect => ({
  anthropic: { tools: tools.map(({ anthropic }) => anthropic) },
  openai: { tools: tools.map(({ openai }) => openai) },
  responses: { tools: tools.map(({ responses }) => responses) },
  gemini: { tools: [{ functionDeclarations: tools.map(({ gemini }) => gemini) }] },
});

/** The one laid over the other, dialect by dialect, where both have it. */
export function both(one: Partial<PerDialect>, other: Partial<PerDialect>): Partial<PerDialect> {
  const laid: Partial<Record<FakeDialectId, JsonObject>> = {};
  for (const id of ['anthropic', 'openai', 'responses', 'gemini'] as const) {
    const [first, second] = [one[id], other[id]];
    if (first !== undefined && second !== undefined) laid[id] = { ...first, ...second };
  }
  return laid;
}

export const OBJECT_SCHEMA: JsonObject = {
  type: 'object',
  properties: { path: { type: 'string' }, lines: { type: 'integer' } },
  required: ['path', 'lines'],
  additionalProperties: false,
};
