import type { EndedState } from '@proxycast/credentials';
import type { CredentialId, CredentialStatus, EpochMs } from '@proxycast/spec';
import type { Storage } from '@proxycast/storage';
import type { Logger } from 'pino';

export interface NoteEndedParts {
  readonly storage: Pick<Storage, 'pluginCredentials'>;
  readonly log: Logger;
  readonly now: () => EpochMs;
  /** Never rejects. */
  readonly onChanged: () => Promise<void>;
}

/** Writes down what a plugin says its login has become: a suspension is not forgotten with the process. */
export function createNoteEnded({ storage, log, now, onChanged }: NoteEndedParts) {
  return (id: CredentialId, state: EndedState): void => {
    log.warn({ credential: id, status: state.type }, 'a login has ended');
    storage.pluginCredentials
      .update(id, { status: statusOf(state) }, now())
      .then(onChanged)
      .catch((cause: unknown) => log.error({ err: cause, credential: id }, 'what a login has become was not stored'));
  };
}

function statusOf(state: EndedState): CredentialStatus {
  return state.type === 'disabled' ? { type: 'disabled', reason: state.reason } : state;
}
