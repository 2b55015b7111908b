const ID_BYTES = 24;
/** Asking the system for random bytes costs some ten microseconds each time, however few they are. */
const POOL_IDS = 256;

/** Ids that nobody can guess: 192 random bits in hexadecimal. */
export function createSecretIdSource(randomBytes: (size: number) => Buffer): () => string {
  let pool: Buffer = Buffer.alloc(0);
  let at = 0;
  return () => {
    if (at === pool.length) {
      pool = randomBytes(ID_BYTES * POOL_IDS);
      at = 0;
    }
    const id = pool.toString('hex', at, at + ID_BYTES);
    // What was given away is nowhere else.
    pool.fill(0, at, at + ID_BYTES);
    at += ID_BYTES;
    return id;
  };
}
