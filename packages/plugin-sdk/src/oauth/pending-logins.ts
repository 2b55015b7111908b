/** Logins that a person has begun and not ended, by their id. */
export interface PendingLogins<Login> {
  add(id: string, login: Login, expiresAt: number): void;
  get(id: string): Login | undefined;
  remove(id: string): void;
  readonly size: number;
}

/** More at once is nobody's doing. */
const MAX_PENDING = 100;

/** Keeps each until it ends or expires; of too many the oldest goes. */
export function createPendingLogins<Login>(now: () => number): PendingLogins<Login> {
  const pending = new Map<string, { readonly login: Login; readonly expiresAt: number }>();
  const sweep = (): void => {
    for (const [id, { expiresAt }] of pending) if (expiresAt <= now()) pending.delete(id);
  };
  return {
    add(id, login, expiresAt) {
      sweep();
      const [oldest] = pending.keys();
      if (pending.size >= MAX_PENDING && oldest !== undefined) pending.delete(oldest);
      pending.set(id, { login, expiresAt });
    },
    get(id) {
      sweep();
      return pending.get(id)?.login;
    },
    remove: (id) => void pending.delete(id),
    get size() {
      sweep();
      return pending.size;
    },
  };
}
