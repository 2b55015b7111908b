import { describe, expect, test } from 'vitest';
import { isObject, parseJson } from '../json.ts';
import { loadRecordings, type Recording } from '../recordings.ts';
import { compareAnswers } from './compare-answers.ts';
import { CONFORMANCE_DIALECTS, dialectPairs } from './conformance-dialect.ts';
import { convertBody, decodingOf } from './convert-answer.ts';
import { factsOfResponse } from './facts-of-response.ts';
import { isGeminiFault } from './raw-answers/raw-gemini.ts';

describe.each(dialectPairs('all'))('a recorded whole answer of $id', (from, to) => {
  const answers = loadRecordings({ protocol: from.recorded, kind: 'body', status: 200 }).filter(isAnswer);

  test(`says the same in ${to.id}`, () => {
    expect(answers.length).toBeGreaterThan(90);
    const faults = answers.flatMap((recording) => {
      const body = parseJson(recording.bytes().toString('utf8'));
      if (!isObject(body)) return [`${recording.file}: no object`];
      if (from.id === 'gemini' && isGeminiFault(body)) {
        const isFailure = didThrow(() => convertBody({ from, to }, body));
        return isFailure ? [] : [`${recording.file}: a fault of the model became an answer`];
      }
      const said = from.raw.read(body);
      try {
        const converted = convertBody({ from, to }, body);
        const again = to.codec.decodeAnswer(converted, decodingOf({ from: to, to: from }));
        return [
          ...compareAnswers(said, to.raw.read(converted), to.id).map((fault) => `${recording.file}: ${fault}`),
          ...compareAnswers(said, factsOfResponse(again), to.id).map(
            (fault) => `${recording.file}, read again: ${fault}`,
          ),
        ];
      } catch (fault) {
        return [`${recording.file}: ${String(fault)}`];
      }
    });
    expect(faults).toEqual([]);
  });
});

describe.each(CONFORMANCE_DIALECTS)('an error that $id recorded', (from) => {
  const errors = loadRecordings({ protocol: from.recorded, kind: 'body' }).filter(({ status }) => status >= 400);

  test('is read, and keeps its words', () => {
    expect(errors.length).toBeGreaterThan(5);
    const faults = errors.flatMap((recording) => {
      const body = recording.bytes().toString('utf8');
      const decoded = from.protocol.decodeError(recording.status, () => undefined, body);
      if (decoded === undefined) return [`${recording.file}: not read`];
      return body.includes(JSON.stringify(decoded.message).slice(1, 20))
        ? []
        : [`${recording.file}: ${decoded.message}`];
    });
    expect(faults).toEqual([]);
  });
});

/** Some bodies with status 200 are an error, or another object of the same API. */
function isAnswer(recording: Recording): boolean {
  const body = parseJson(recording.bytes().toString('utf8'));
  if (!isObject(body)) return false;
  switch (recording.protocol) {
    case 'anthropic':
      return body.type === 'message';
    case 'openai-chat':
      return Array.isArray(body.choices);
    case 'openai-responses':
      return (
        body.object === 'response' &&
        body.status !== 'failed' &&
        body.status !== 'queued' &&
        body.status !== 'in_progress'
      );
    default:
      return body.candidates !== undefined || body.promptFeedback !== undefined;
  }
}

function didThrow(act: () => unknown): boolean {
  try {
    act();
    return false;
  } catch {
    return true;
  }
}
