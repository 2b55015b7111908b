/** Logins that a person has begun and not ended, by their id. */
export interface PendingLogins<Login> {
  add(id: string, login: Login, expiresAt: number, now: number): void;
  get(id: string, now: number): Login | undefined;
  remove(id: string): void;
}

/** More at once is nobody's doing. */
const MAX_PENDING = 100;

/** Keeps each until it ends or expires; of too many the oldest goes. */
export function createPendingLogins<Login>(): PendingLogins<Login> {
  const pending = new Map<string, { readonly login: Login; readonly expiresAt: number }>();
  const sweep = (now: number): void => {
    for (const [id, { expiresAt }] of pending) if (expiresAt <= now) pending.delete(id);
  };
  return {
    add(id, login, expiresAt, now) {
      sweep(now);
      const [oldest] = pending.keys();
      if (pending.size >= MAX_PENDING && oldest !== undefined) pending.delete(oldest);
      pending.set(id, { login, expiresAt });
    },
    get(id, now) {
      sweep(now);
      return pending.get(id)?.login;
    },
    remove: (id) => void pending.delete(id),
  };
}
