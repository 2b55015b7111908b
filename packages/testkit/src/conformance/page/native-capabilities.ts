import { type ConversionChange, InvalidRequestError } from '@proxycast/spec';
import { type JsonObject, parseJson } from '../../json.ts';
import { recordingOf } from '../../recordings.ts';
import type { ConformanceDialect } from '../conformance-dialect.ts';
import { convertBody, convertStream, framesOf } from '../convert-answer.ts';
import { decodeRecordedRequest, encodeFor, strictFindings } from '../convert-request.ts';
import { nextRequest } from '../next-turn.ts';
import { lookAtAnswer } from './answer-look.ts';
import type { Capability, CapabilityGroup } from './capability.ts';
import { NATIVE_TOOLS, type NativeTool } from './native-tools.ts';
import { describeChanges, fault, lossy, NONE, type Outcome, PASS, worstOf } from './outcome.ts';
import { lookAtRequest, PLAIN, reasonOf } from './request-look.ts';
import { serverToolsIn } from './server-tools-in.ts';

function rowsOf(tool: NativeTool): readonly Capability[] {
  const { title, declared, demanded, read, answers, models, loss } = tool;
  const rows: Capability[] = [
    {
      title: `${title}: offered`,
      look: (client, upstream) =>
        lookAtRequest({ asks: declared, read, ...(models === undefined ? {} : { models }) }, client, upstream),
    },
  ];
  if (demanded !== undefined) {
    rows.push({
      title: `${title}: demanded`,
      look: (client, upstream) =>
        lookAtRequest(
          {
            asks: demanded,
            read: (request) => [read(request), request.toolChoice?.type === 'auto'],
            ...(models === undefined ? {} : { models }),
          },
          client,
          upstream,
        ),
    });
  }
  if (Object.keys(answers).length > 0) {
    rows.push(
      {
        title: `${title}: shown in the answer`,
        look: (client, upstream) =>
          lookAtAnswer(
            { says: answers, read: ({ id }, body) => shownIn(id, body), ...(loss === undefined ? {} : { loss }) },
            client,
            upstream,
          ),
      },
      {
        title: `${title}: the next turn`,
        look: (client, upstream) => lookAtNextTurn(answers[upstream.id], client, upstream),
      },
    );
  }
  return rows;
}

function shownIn(id: ConformanceDialect['id'], body: JsonObject): readonly string[] | undefined {
  const shown = serverToolsIn(id, body);
  return shown.length === 0 ? undefined : shown;
}

/** The answer comes back in the client's dialect, and the service takes the conversation. */
function lookAtNextTurn(
  files: readonly string[] | undefined,
  client: ConformanceDialect,
  upstream: ConformanceDialect,
): Outcome {
  if (files === undefined) return NONE;
  return worstOf(files.map((file) => lookAtOneTurn(file, client, upstream)));
}

function lookAtOneTurn(file: string, client: ConformanceDialect, upstream: ConformanceDialect): Outcome {
  const recording = recordingOf(file);
  const way = { from: upstream, to: client };
  const answer =
    recording.kind === 'stream'
      ? client.raw.fold(framesOf(convertStream(way, framesOf(recording.bytes())).text))
      : convertBody(way, parseJson(recording.bytes().toString('utf8')));
  const body = nextRequest(client.id, PLAIN[client.id], answer);
  const request = decodeRecordedRequest(client, body, client.id === 'gemini' ? 'model' : undefined);
  const encoded = encodeFor(upstream, request);
  if (encoded instanceof InvalidRequestError) return { type: 'refused', why: reasonOf(encoded) };
  const memory = new Map<string, string>();
  // Of signatures only those may come that were in this answer, which are none of this look's business.
  const findings = strictFindings(upstream, encoded.body, memory).filter(
    (found) => !/signature|encrypted content/i.test(found),
  );
  if (findings.length > 0) return fault(`the service refuses it: ${findings.join('; ')}`);
  const arrived = decodeRecordedRequest(upstream, encoded.body, upstream.id === 'gemini' ? 'model' : undefined);
  const kept = arrived.turns.flatMap(({ blocks }) => blocks.map((block) => (block.type === 'text' ? block.text : '')));
  if (!squash(kept.join('')).includes(squash(textOf(client.raw.read(answer)))))
    return fault('words of the answer are lost');
  return encoded.changes.length === 0
    ? PASS
    : lossy(`what the tool did is left out, the words stay (${fieldsOf(encoded.changes)})`);
}

/** Which kinds of fields, without their places. */
const fieldsOf = (changes: readonly ConversionChange[]): string =>
  describeChanges(changes.map(({ field, action }) => ({ field: field.replace(/\.\d+/g, ''), action })));

const squash = (text: string): string => text.replace(/\s+/g, '');
const textOf = ({ choices }: ReturnType<ConformanceDialect['raw']['read']>): string => choices[0]?.text ?? '';

export const NATIVE_GROUPS: readonly CapabilityGroup[] = [
  { title: 'Tools of the service', capabilities: NATIVE_TOOLS.flatMap(rowsOf) },
];
