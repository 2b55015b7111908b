import type { Frame } from '@proxycast/spec';
import { isObject, parseJson } from '../json.ts';
import { loadRecordings } from '../recordings.ts';
import type { ConformanceDialect } from './conformance-dialect.ts';
import { framesOf } from './convert-answer.ts';

export interface RecordedStream {
  readonly file: string;
  readonly byteLength: number;
  bytes(): Buffer;
  frames(): readonly Frame[];
}

/** Every recorded stream of a dialect, those included that are a growing JSON array and stand among the bodies. */
export function recordedStreams(dialect: ConformanceDialect): readonly RecordedStream[] {
  return loadRecordings({ protocol: dialect.recorded, status: 200 }).flatMap((recording): readonly RecordedStream[] => {
    const { file, byteLength } = recording;
    const bytes = () => recording.bytes();
    if (recording.kind === 'stream') return [{ file, byteLength, bytes, frames: () => framesOf(bytes()) }];
    const body = dialect.id === 'gemini' ? parseJson(bytes().toString('utf8')) : undefined;
    if (!Array.isArray(body)) return [];
    const frames = body.filter(isObject).map((element) => ({ data: JSON.stringify(element) }));
    return [{ file, byteLength, bytes, frames: () => frames }];
  });
}
