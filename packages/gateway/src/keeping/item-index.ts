/** Some ten megabytes. */
const MAX_ITEMS = 50_000;

/**
 * Which answer an item is of, where its id does not say so: ids of services whose answers are kept here. In memory only: clients
 * name the items of the turn before.
 */
export class ItemIndex {
  /** The oldest first. */
  readonly #answers = new Map<string, string>();

  note(clientKeyId: string, itemIds: readonly string[], answerId: string): void {
    for (const itemId of itemIds) {
      const key = keyOf(clientKeyId, itemId);
      this.#answers.delete(key);
      this.#answers.set(key, answerId);
    }
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size <= MAX_ITEMS) return;
      this.#answers.delete(oldest);
    }
  }

  find(clientKeyId: string, itemId: string): string | undefined {
    return this.#answers.get(keyOf(clientKeyId, itemId));
  }
}

const keyOf = (clientKeyId: string, itemId: string): string => `${clientKeyId}\n${itemId}`;
