import { isDeepStrictEqual } from 'node:util';
import { type Frame, UpstreamError } from '@proxycast/spec';
import type { ScriptedMessage } from '../../fake-upstream/answer.ts';
import type { FakeDialectId } from '../../fake-upstream/recorded-request.ts';
import { isObject, type JsonObject, parseJson } from '../../json.ts';
import { recordingOf } from '../../recordings.ts';
import type { ConformanceDialect } from '../conformance-dialect.ts';
import { type AnswerWay, convertStream, decodingOf, encodingOf, framesOf } from '../convert-answer.ts';
import { describeChanges, fault, lossy, NONE, type Outcome, PASS, worstOf } from './outcome.ts';
import { writeAnswer } from './written-answer.ts';

/** An answer of a service: a body of its own, the file of a recorded one, or what the fake service is to say. */
export type SaidAnswer = JsonObject | string | { readonly scripted: ScriptedMessage };

/** Something an answer can hold, as each service says it. */
export interface AnswerLook {
  readonly says: Partial<Readonly<Record<FakeDialectId, readonly SaidAnswer[]>>>;
  /** What of a body of that dialect must be the same in every dialect; `undefined` where it holds nothing of it. */
  readonly read: (dialect: ConformanceDialect, body: JsonObject) => unknown;
  /** What is said where it does not arrive. */
  readonly loss?: Partial<Readonly<Record<FakeDialectId, string>>>;
}

/** What becomes of an answer, whole and streamed, for a client of another dialect. */
export function lookAtAnswer(look: AnswerLook, client: ConformanceDialect, upstream: ConformanceDialect): Outcome {
  const answers = look.says[upstream.id];
  if (answers === undefined) return NONE;
  return worstOf(answers.map((answer) => lookAtOne(look, answer, { from: upstream, to: client })));
}

function lookAtOne(look: AnswerLook, answer: SaidAnswer, way: AnswerWay): Outcome {
  try {
    return worstOf(convert(answer, way).map((converted) => judge(look, converted, way)));
  } catch (thrown) {
    if (thrown instanceof UpstreamError) return { type: 'refused', why: thrown.message };
    throw thrown;
  }
}

function judge({ read, loss }: AnswerLook, { said, arrived, changes }: Converted, { from, to }: AnswerWay): Outcome {
  const lost = loss?.[to.id];
  const [one, other] = [read(from, said), read(to, arrived)];
  if (one === undefined) return fault('the answer that was to hold it does not');
  if (isDeepStrictEqual(plain(one), plain(other))) return PASS;
  const told = describeChanges(changes);
  if (lost !== undefined) return lossy(told === '' ? lost : `${lost} (${told})`);
  if (told !== '') return lossy(told);
  return fault(`${JSON.stringify(other)?.slice(0, 200)} instead of ${JSON.stringify(one).slice(0, 200)}`);
}

function convert(answer: SaidAnswer, way: AnswerWay): readonly Converted[] {
  if (typeof answer === 'string') return [convertRecording(answer, way)];
  if (!isScripted(answer)) return [convertWhole(answer, way)];
  const { body, frames } = writeAnswer(way.from, answer.scripted);
  return [convertWhole(body, way), convertFrames(frames, way)];
}

const isScripted = (answer: Exclude<SaidAnswer, string>): answer is { readonly scripted: ScriptedMessage } =>
  'scripted' in answer;

interface Converted {
  readonly said: JsonObject;
  readonly arrived: JsonObject;
  readonly changes: Parameters<typeof describeChanges>[0];
}

function convertRecording(file: string, way: AnswerWay): Converted {
  const recording = recordingOf(file);
  if (recording.kind === 'body') {
    const body = parseJson(recording.bytes().toString('utf8'));
    return convertWhole(isObject(body) ? body : {}, way);
  }
  return convertFrames(framesOf(recording.bytes()), way);
}

function convertFrames(frames: readonly Frame[], way: AnswerWay): Converted {
  const arrived = way.to.raw.fold(framesOf(convertStream(way, frames).text));
  return { said: way.from.raw.fold(frames), arrived, changes: [] };
}

function convertWhole(body: JsonObject, way: AnswerWay): Converted {
  const changes: { field: string; action: 'dropped' | 'changed' | 'added' }[] = [];
  const decoded = way.from.codec.decodeAnswer(body, decodingOf(way));
  const arrived = way.to.codec.encodeAnswer(decoded, {
    ...encodingOf(way),
    report: (field, action) => changes.push({ field, action }),
  });
  return { said: body, arrived, changes };
}

const plain = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));
