import type { Frame } from '@proxycast/spec';
import type { AnswerFacts } from '../answer-facts.ts';
import type { ConformanceDialect } from '../conformance-dialect.ts';
import { RawStreamFault } from './raw-answer.ts';
import { isGeminiFault } from './raw-gemini.ts';

/** What a stream says; `undefined` where it ends in an error, or in what is an error for every client. */
export function rawFactsOfStream(dialect: ConformanceDialect, frames: readonly Frame[]): AnswerFacts | undefined {
  try {
    const body = dialect.raw.fold(frames);
    return dialect.id === 'gemini' && isGeminiFault(body) ? undefined : dialect.raw.read(body);
  } catch (fault) {
    if (fault instanceof RawStreamFault) return undefined;
    throw fault;
  }
}

/** Whether a reader of that dialect is told that the stream failed. */
export function isFailedStream(dialect: ConformanceDialect, frames: readonly Frame[]): boolean {
  try {
    dialect.raw.fold(frames);
    return false;
  } catch (fault) {
    if (fault instanceof RawStreamFault) return true;
    throw fault;
  }
}
