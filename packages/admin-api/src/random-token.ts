/** 256 bits: a token that nobody guesses, so its plain SHA-256 is enough to keep. */
const TOKEN_BYTES = 32;

export function randomToken(randomBytes: (size: number) => Uint8Array): string {
  return Buffer.from(randomBytes(TOKEN_BYTES)).toString('base64url');
}
