import { InvalidRequestError } from '@proxycast/spec';
import { isObject, type JsonObject, objectsOf } from '../../json.ts';
import type { ConformanceDialect } from '../conformance-dialect.ts';
import { convertBody, convertStream, framesOf } from '../convert-answer.ts';
import { encodeFor, strictFindings } from '../convert-request.ts';
import type { Capability, CapabilityGroup } from './capability.ts';
import { fault, NONE, type Outcome, PASS, worstOf } from './outcome.ts';
import { questionOf, type RequestLook, reasonOf } from './request-look.ts';
import { writeAnswer } from './written-answer.ts';

const PATCH = '*** Begin Patch\n*** Update File: ä.ts\n-"old"\n+{"new": "\\\\"}\n*** End Patch';

const CUSTOM: RequestLook['asks'] = {
  openai: { tools: [{ type: 'custom', custom: { name: 'apply_patch', description: 'Takes a patch.' } }] },
  responses: {
    tools: [{ type: 'custom', name: 'apply_patch', description: 'Takes a patch.', format: { type: 'text' } }],
  },
};
const NAMESPACED: RequestLook['asks'] = {
  responses: {
    tools: [
      {
        type: 'namespace',
        name: 'files',
        description: 'Files.',
        tools: [
          {
            type: 'function',
            name: 'list',
            description: 'Lists.',
            parameters: { type: 'object', properties: {} },
            strict: false,
          },
        ],
      },
    ],
  },
};
const LONG_NAME = `mcp__${'a'.repeat(110)}`;
const LONG: RequestLook['asks'] = {
  anthropic: { tools: [{ name: LONG_NAME, input_schema: { type: 'object', properties: {} } }] },
  responses: {
    tools: [{ type: 'function', name: LONG_NAME, parameters: { type: 'object', properties: {} }, strict: false }],
  },
};

/** The one call of a body, as its dialect's clients have it. */
function callIn(id: ConformanceDialect['id'], body: JsonObject): unknown {
  switch (id) {
    case 'anthropic':
      return objectsOf(body.content).find(({ type }) => type === 'tool_use')?.name;
    case 'openai': {
      const message = objectsOf(body.choices)[0]?.message;
      const [call] = isObject(message) ? objectsOf(message.tool_calls) : [];
      const held = isObject(call?.custom) ? call.custom : isObject(call?.function) ? call.function : {};
      return call?.type === 'custom' ? [held.name, held.input] : held.name;
    }
    case 'responses': {
      const item = objectsOf(body.output).find(({ type }) => type === 'function_call' || type === 'custom_tool_call');
      if (item?.type === 'custom_tool_call') return [item.name, item.input];
      return item?.namespace === undefined ? item?.name : [item.namespace, item.name];
    }
    case 'gemini':
      return undefined;
  }
}

/** The client declares it, the service calls it by the name it was given, and the client has the call of its own tool. */
const called = (title: string, asks: RequestLook['asks'], expected: unknown, freeText?: string): Capability => ({
  title,
  look(client, upstream): Outcome {
    const ask = asks[client.id];
    // A service of the client's own dialect is given names and namespaces as they are.
    if (ask === undefined || (client === upstream && freeText === undefined)) return NONE;
    const request = questionOf(client, ask);
    if (request instanceof InvalidRequestError) return { type: 'refused', why: reasonOf(request) };
    const encoded = encodeFor(upstream, request);
    if (encoded instanceof InvalidRequestError) return { type: 'refused', why: reasonOf(encoded) };
    const findings = strictFindings(upstream, encoded.body);
    if (findings.length > 0) return fault(`the service refuses it: ${findings.join('; ')}`);
    const { bridge } = encoded;
    const [[name, tool] = [nameIn(encoded.body), undefined]] = [...(bridge?.tools ?? [])];
    const call =
      freeText === undefined
        ? { name, input: {} }
        : tool === undefined
          ? { name, input: {}, freeText }
          : { name, input: { input: freeText } };
    const { body, frames } = writeAnswer(upstream, { calls: [call] });
    const way = { from: upstream, to: client, request, ...(bridge === undefined ? {} : { bridge }) };
    const answers = [convertBody(way, body), client.raw.fold(framesOf(convertStream(way, frames).text))];
    return worstOf(
      answers.map((answer) => {
        const said = JSON.stringify(callIn(client.id, answer));
        return said === JSON.stringify(expected) ? PASS : fault(`the call is ${said}`);
      }),
    );
  },
});

/** Of the one tool that is declared. */
function nameIn({ tools }: JsonObject): string {
  const [tool = {}] = objectsOf(tools);
  const [declared] = objectsOf(tool.functionDeclarations);
  const [inner] = objectsOf(tool.tools);
  const held = [declared, inner, tool.custom, tool.function].find(isObject) ?? tool;
  return String(held.name);
}

export const CALL_GROUPS: readonly CapabilityGroup[] = [
  {
    title: 'Calls under the client’s own names',
    capabilities: [
      called('call of a tool of free text: free text again', CUSTOM, ['apply_patch', PATCH], PATCH),
      called('call of a tool in a namespace', NAMESPACED, ['files', 'list']),
      called('call of a tool whose name is too long elsewhere', LONG, LONG_NAME),
    ],
  },
];
