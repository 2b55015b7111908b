import type { FakeError } from './answer.ts';
import type { FakeDialect } from './dialect.ts';
import type { RecordedRequest } from './recorded-request.ts';

/** One host as its owner runs it: the dialects it speaks and where, what opens it, what it refuses by itself. */
export interface FakeService {
  /** With the paths, the place of the key and the words of this host. */
  readonly dialects: readonly FakeDialect[];
  /** It serves who sends no key. */
  readonly isKeyOptional?: true;
  /** Whether a key opens a path; absent: the upstream's `keys` decide. */
  opens?(key: string, path: string): boolean;
  /** What it refuses to someone it knows before it reads the body, such as a model that is not there. No violation. */
  refuse?(request: RecordedRequest): FakeError | undefined;
}
