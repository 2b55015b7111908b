import { StorageError } from '@proxycast/spec';
import { ConstraintError } from '../constraint-error.ts';

/** What went wrong and what to do. `label` is the address without the password. */
export function explainPostgresError(error: unknown, label: string): StorageError | ConstraintError {
  if (error instanceof StorageError || error instanceof ConstraintError) return error;
  const code = codeOf(error);
  const explained = (kind: ConstructorParameters<typeof StorageError>[0]['code'], message: string): StorageError =>
    new StorageError({ code: kind, message, cause: error });

  // SQLSTATE: https://www.postgresql.org/docs/15/errcodes-appendix.html, 2026-11-24.
  switch (code) {
    case '23505':
      return new ConstraintError('unique', error);
    case '23503':
      return new ConstraintError('foreign-key', error);
    case '53100':
      return explained(
        'storage_full',
        `The disk of the PostgreSQL at ${label} is full, and the last change was not written. Free some space there; no restart is needed.`,
      );
    case '25006':
      return explained(
        'storage_read_only',
        `The PostgreSQL at ${label} takes no writes. Point PROXYCAST_DATABASE_URL at the primary server, not at a standby.`,
      );
    case '40001':
    case '40P01':
    case '55P03':
      return explained(
        'storage_locked',
        `Another session of the PostgreSQL at ${label} holds what was to be changed. Try again; if it stays so, look for a long transaction in pg_stat_activity.`,
      );
    case 'XX001':
    case 'XX002':
      return explained(
        'storage_corrupt',
        `The PostgreSQL at ${label} reports damaged data. Stop ProxyCast and restore the database from your newest backup (pg_restore).`,
      );
    case '28000':
    case '28P01':
      return explained(
        'storage_unreachable',
        `The PostgreSQL at ${label} refused the login. Check user and password in PROXYCAST_DATABASE_URL, and pg_hba.conf of the server.`,
      );
    case '3D000':
      return explained(
        'storage_unreachable',
        `The PostgreSQL at ${label} has no database of that name. Create it (createdb) or correct PROXYCAST_DATABASE_URL.`,
      );
    case '53300':
      return explained(
        'storage_unreachable',
        `The PostgreSQL at ${label} has no connection left. Raise max_connections there or close other programs.`,
      );
  }
  if (code?.startsWith('23')) return new ConstraintError('other', error);
  if (code === undefined ? isConnectionLoss(error) : !SQLSTATE.test(code) || UNREACHABLE.test(code)) {
    return explained(
      'storage_unreachable',
      `The PostgreSQL at ${label} cannot be reached. Check that the server runs and that host and port in PROXYCAST_DATABASE_URL are right; ProxyCast connects again by itself.`,
    );
  }
  return explained(
    'storage_failed',
    `The PostgreSQL at ${label} refused a statement. This is a fault of ProxyCast: please report it with the cause in the log.`,
  );
}

/** What is no SQLSTATE is a fault of the socket or of TLS; those of sockets begin with an E, as no SQLSTATE does. */
const SQLSTATE = /^[0-9A-DF-Z][0-9A-Z]{4}$/;
/** Class 08 (connection) and those of 57P by which the server starts, stops or ends us. */
const UNREACHABLE = /^(?:08[0-9A-Z]{3}|57P0[1-5])$/;

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** `pg` and `pg-pool` tell these by words alone (8.23.1 and 3.14.0). */
const CONNECTION_LOSS = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'timeout expired',
  'Cannot use a pool after calling end on the pool',
  'Client has encountered a connection error',
  'Client was closed',
  'SSL connection',
];

function isConnectionLoss(error: unknown): boolean {
  return error instanceof Error && CONNECTION_LOSS.some((words) => error.message.includes(words));
}
