/** Removes the secrets that a plugin was given from what it says. */
export interface SecretRedactor {
  /** Every text in a credential's data that could be one. */
  learn(data: unknown): void;
  redact(text: string): string;
}

/** Shorter texts are words, and taking them out would leave nothing readable. */
const MIN_CHARACTERS = 12;
/** The newest so many; a plugin is given a few credentials over and over. */
const MAX_SECRETS = 500;
const MAX_DEPTH = 8;

export function createSecretRedactor(): SecretRedactor {
  const secrets = new Set<string>();

  function learn(value: unknown, depth = 0): void {
    if (typeof value === 'string') {
      if (value.length < MIN_CHARACTERS || secrets.has(value)) return;
      const [oldest] = secrets;
      if (secrets.size >= MAX_SECRETS && oldest !== undefined) secrets.delete(oldest);
      secrets.add(value);
    } else if (typeof value === 'object' && value !== null && depth < MAX_DEPTH) {
      for (const inner of Object.values(value)) learn(inner, depth + 1);
    }
  }

  return {
    learn: (data) => learn(data),
    redact(text) {
      let clean = text;
      for (const secret of secrets) if (clean.includes(secret)) clean = clean.replaceAll(secret, '[secret]');
      return clean;
    },
  };
}
