import type { RefreshLease, RenewedCredential, SharedRefreshes } from '@proxycast/spec';
import type { Kysely, Transaction } from 'kysely';
import { ConstraintError } from '../constraint-error.ts';
import type { DatabaseTables, RefreshLeaseTable } from '../database-tables.ts';
import { pluginCredentialPlace } from '../repositories/plugin-credential-place.ts';
import { writeJson } from '../repositories/stored-value.ts';
import type { Keyring } from '../secrets/master-key.ts';
import { readCurrentMasterKey } from '../secrets/master-key-check.ts';
import { sealSecret } from '../secrets/sealed-secret.ts';
import { writeConfiguration } from '../write-configuration.ts';

const LET_GO = { owner: null, expires_at: 0 } as const;
const UNMARKED = { attempt_fence: null, attempt_version: null, attempt_at: null } as const;
const RESTED = { failures: 0, not_before: 0 } as const;

export interface SharedRefreshesParts {
  readonly db: Kysely<DatabaseTables>;
  readonly keyring: Keyring;
  /** The database, for messages. */
  readonly label: string;
  /** Settles when what was committed would survive a power cut. */
  readonly makeDurable: () => Promise<void>;
}

/** Leases of refreshes as rows: single statements and short transactions, none of them open while a service is called. */
export function createSharedRefreshes({ db, keyring, label, makeDurable }: SharedRefreshesParts): SharedRefreshes {
  /** Whether the version was still stored, and is not any more. */
  async function replace(
    transaction: Transaction<DatabaseTables>,
    id: string,
    { fromVersion, data, expiresAt, identity }: RenewedCredential,
    now: number,
  ): Promise<boolean> {
    const masterKey = await readCurrentMasterKey(transaction, keyring, label);
    const { numUpdatedRows } = await transaction
      .updateTable('plugin_credentials')
      .set({
        credential_data_encrypted: sealSecret(masterKey, pluginCredentialPlace(id), data),
        expires_at: expiresAt ?? null,
        identity: identity === undefined ? undefined : writeJson(identity),
        status: writeJson({ type: 'active' }),
        version: fromVersion + 1,
        updated_at: now,
      })
      .where('id', '=', id)
      .where('version', '=', fromVersion)
      .executeTakeFirstOrThrow();
    return numUpdatedRows > 0n;
  }

  return {
    async take(id, { owner, until, ignoresRest }, now) {
      const row = await db
        .insertInto('refresh_leases')
        .values({ credential_id: id, owner, fence: 1, expires_at: until, ...UNMARKED, ...RESTED })
        .onConflict((conflict) =>
          conflict
            .column('credential_id')
            .doUpdateSet(({ eb }) => ({ owner, fence: eb('refresh_leases.fence', '+', 1), expires_at: until }))
            .where((free) =>
              free.or([free('refresh_leases.owner', 'is', null), free('refresh_leases.expires_at', '<=', now)]),
            )
            .where('refresh_leases.not_before', '<=', ignoresRest ? Number.MAX_SAFE_INTEGER : now),
        )
        .returningAll()
        .executeTakeFirst()
        .catch((error: unknown) => {
          if (error instanceof ConstraintError && error.constraint === 'foreign-key') return 'gone' as const;
          throw error;
        });
      if (row === 'gone') return { type: 'gone' };
      if (row !== undefined) return { type: 'taken', lease: toLease(id, row) };
      const known = await db
        .selectFrom('refresh_leases')
        .select(['owner', 'expires_at', 'not_before'])
        .where('credential_id', '=', id)
        .executeTakeFirst();
      if (known === undefined || known.not_before <= now || ignoresRest) return { type: 'held' };
      return known.owner === null || known.expires_at <= now
        ? { type: 'resting', until: known.not_before }
        : { type: 'held' };
    },

    async startAttempt({ id, fence }, version, until, now) {
      const { numUpdatedRows } = await db
        .updateTable('refresh_leases')
        .set({ attempt_fence: fence, attempt_version: version, attempt_at: now, expires_at: until })
        .where('credential_id', '=', id)
        .where('fence', '=', fence)
        .where((mark) => mark.or([mark('attempt_version', 'is', null), mark('attempt_version', '<>', version)]))
        .where(({ exists, selectFrom }) =>
          exists(
            selectFrom('plugin_credentials')
              .select('plugin_credentials.id')
              .where('plugin_credentials.id', '=', id)
              .where('plugin_credentials.version', '=', version),
          ),
        )
        .executeTakeFirstOrThrow();
      const isMarked = numUpdatedRows > 0n;
      // A mark that a power cut takes back would let the token be sent again.
      if (isMarked) await makeDurable();
      return isMarked;
    },

    async save({ id, fence }, renewed, now) {
      const isSaved = await writeConfiguration(
        db,
        async (transaction) => {
          const { numUpdatedRows } = await transaction
            .updateTable('refresh_leases')
            .set({ ...LET_GO, ...UNMARKED, ...RESTED })
            .where('credential_id', '=', id)
            .where('attempt_fence', '=', fence)
            .where('attempt_version', '=', renewed.fromVersion)
            .executeTakeFirstOrThrow();
          return numUpdatedRows > 0n && (await replace(transaction, id, renewed, now));
        },
        (wasSaved) => wasSaved,
      );
      if (isSaved) await makeDurable();
      return isSaved;
    },

    async postpone({ id, fence }, { failures, until }) {
      const { numUpdatedRows } = await db
        .updateTable('refresh_leases')
        .set({ ...LET_GO, ...UNMARKED, failures, not_before: until })
        .where('credential_id', '=', id)
        .where((mine) => mine.or([mine('attempt_fence', '=', fence), mine('fence', '=', fence)]))
        .executeTakeFirstOrThrow();
      return numUpdatedRows > 0n;
    },

    end({ id, fence }, version, status, now) {
      return writeConfiguration(
        db,
        async (transaction) => {
          const released = await transaction
            .updateTable('refresh_leases')
            .set({ ...LET_GO, ...RESTED })
            .where('credential_id', '=', id)
            .where('fence', '=', fence)
            .executeTakeFirstOrThrow();
          if (released.numUpdatedRows === 0n) return false;
          const { numUpdatedRows } = await transaction
            .updateTable('plugin_credentials')
            .set({ status: writeJson(status), updated_at: now })
            .where('id', '=', id)
            .where('version', '=', version)
            .executeTakeFirstOrThrow();
          return numUpdatedRows > 0n;
        },
        (isEnded) => isEnded,
      );
    },

    async release({ id, fence }) {
      await db
        .updateTable('refresh_leases')
        .set(LET_GO)
        .where('credential_id', '=', id)
        .where('fence', '=', fence)
        .execute();
    },

    adopt(id, found, now) {
      return writeConfiguration(
        db,
        async (transaction) => {
          if (!(await replace(transaction, id, found, now))) return false;
          await transaction.updateTable('refresh_leases').set(RESTED).where('credential_id', '=', id).execute();
          return true;
        },
        (isAdopted) => isAdopted,
      );
    },
  };
}

function toLease(id: RefreshLease['id'], row: RefreshLeaseTable): RefreshLease {
  const { fence, failures, attempt_fence, attempt_version, attempt_at } = row;
  const isMarked = attempt_fence !== null && attempt_version !== null;
  return {
    id,
    fence,
    failures,
    ...(isMarked ? { attempt: { fence: attempt_fence, version: attempt_version, at: attempt_at ?? 0 } } : {}),
  };
}
